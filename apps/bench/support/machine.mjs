import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, type } from 'node:os';

/** Where and when the figures were taken, and what else the machine had to do. */
export function machine() {
  const [processor] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${date}, commit ${commit()}, Node ${process.version}, ${type()} ${release()}, ${cpus().length} x ${processor?.model.trim()}, load before ${load}`;
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: 'pipe' }).toString().trim();
  } catch {
    return 'unknown';
  }
}

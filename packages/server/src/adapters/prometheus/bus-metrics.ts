import { Counter, Gauge, type Registry } from 'prom-client';
import { BUS_DROPS, type BusMetrics } from '../../ports/bus-metrics.js';

export function busMetrics(registers: Registry[]): BusMetrics {
  const up = new Gauge({
    name: 'goconnect_bus_up',
    help: '0 while other servers cannot be heard; always 1 where there are none (BUS_URL=none)',
    registers,
  });
  const messages = new Counter({
    name: 'goconnect_bus_messages_total',
    help: 'Messages told to other servers, and heard of them',
    labelNames: ['direction'],
    registers,
  });
  const dropped = new Counter({
    name: 'goconnect_bus_messages_dropped_total',
    help: 'Messages between servers that came to nothing, by reason; what they told is found by looking into the database',
    labelNames: ['reason'],
    registers,
  });
  up.set(1);
  for (const direction of ['told', 'heard']) messages.inc({ direction }, 0);
  for (const reason of BUS_DROPS) dropped.inc({ reason }, 0);
  return {
    line: (line) => up.set(line === 'up' ? 1 : 0),
    published: (count) => messages.inc({ direction: 'told' }, count),
    heard: (count) => messages.inc({ direction: 'heard' }, count),
    dropped: (reason, count) => dropped.inc({ reason }, count),
  };
}

/**
 * What one person heard. Messages are `<writer> <number>`, numbered from 1 without holes, so that what is lost, doubled or
 * out of order shows in the numbers alone.
 */
export class Hearing {
  private readonly lastOf = new Map<string, number>();
  private skipped = 0;
  private doubled = 0;
  private gaps = 0;
  private messages = 0;

  message(body: string): void {
    const space = body.indexOf(' ');
    const writer = body.slice(0, space);
    const number = Number(body.slice(space + 1));
    const last = this.lastOf.get(writer);
    this.messages++;
    // Somebody who comes later begins with what is said then.
    if (last === undefined || number === last + 1) this.lastOf.set(writer, number);
    else if (number <= last) this.doubled++;
    else {
      this.skipped += number - last - 1;
      this.lastOf.set(writer, number);
    }
  }

  gap(): void {
    this.gaps++;
  }

  /** Against the last number that each of its writers said. */
  judge(last: Readonly<Record<string, number>>) {
    let missing = 0;
    for (const [writer, number] of Object.entries(last)) missing += number - (this.lastOf.get(writer) ?? 0);
    return {
      missing,
      skipped: this.skipped,
      doubled: this.doubled,
      gaps: this.gaps,
      messages: this.messages,
    };
  }
}

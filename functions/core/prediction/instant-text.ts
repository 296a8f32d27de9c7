/**
 * Make a writer of instants: the same text as `Date.prototype.toISOString`, at a third of its cost.
 *
 * It remembers the minute it wrote last, which the next event mostly shares.
 *
 * @returns a function of whole milliseconds since the epoch, within what a Date can hold.
 */
export function createInstantWriter(): (ms: number) => string {
  let minute = Number.NaN;
  let minuteText = "";
  return (ms) => {
    const newMinute = Math.floor(ms / msPerMinute);
    if (newMinute !== minute) {
      minuteText = new Date(newMinute * msPerMinute).toISOString().slice(0, -"00.000Z".length);
      minute = newMinute;
    }
    const rest = ms - minute * msPerMinute;
    const thousandths = rest % 1000;
    return `${minuteText}${twoDigits[(rest - thousandths) / 1000]}.${threeDigits[thousandths]}Z`;
  };
}

const msPerMinute = 60_000;
const twoDigits = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));
const threeDigits = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, "0"));

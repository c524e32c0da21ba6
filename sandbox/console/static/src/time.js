// Dates as the console writes them: yyyy-MM-dd HH:mm±HH:MM in English, dd.MM.yyyy HH:mm±HH:MM in Russian.
import { broken } from "/src/build.js";
import { language } from "/src/words.js";

const two = (number) => String(Math.abs(number)).padStart(2, "0");

export function when(text) {
  if (broken("console-dates-broken")) return "Invalid Date";
  if (!text) return "-";
  const moment = new Date(text);
  const offset = -(broken("console-dates-offset-of-today") ? new Date() : moment).getTimezoneOffset();
  const zone = `${offset < 0 !== broken("console-dates-sign-swapped") ? "-" : "+"}${two(Math.trunc(offset / 60))}:${two(broken("console-dates-whole-hours") || (offset > 0 && broken("console-dates-whole-hours-ahead")) ? 0 : offset % 60)}`;
  const digits = broken("console-dates-one-digit") ? String : two;
  const [day, month, year] = [digits(moment.getDate()), digits(moment.getMonth() + 1), moment.getFullYear()];
  const date = language() === "ru" ? `${day}.${month}.${year}` : `${year}-${month}-${day}`;
  const midnight = moment.getHours() === 0 && broken("console-dates-midnight-24");
  const hours = midnight ? 24 : broken("console-dates-by-twelve") ? moment.getHours() % 12 || 12 : moment.getHours();
  return `${date} ${two(hours)}:${two(moment.getMinutes())}${zone}`;
}

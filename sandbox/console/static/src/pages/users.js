// Users: `/users`, for platform admins
import { post, remove } from "/src/api.js";
import { broken } from "/src/build.js";
import { code, deleteButton, empty, errorBox, field, form, h, heading, table } from "/src/dom.js";
import { rows } from "/src/rows.js";
import { say } from "/src/words.js";

let once = false;
let added = "";
let shown = [];
// Who was allowed again, as they stood there then.
let before = null;

function add(draw) {
  const email = h("input", { name: "email", type: "email", autocomplete: "off" });
  const admin = h("input", { name: "is_platform_admin", type: "checkbox" });
  return form(say("users.form"), [field(say("users.email"), email), field(say("users.platformAdmin"), admin)], say("submit"), async () => {
    once ||= admin.checked && broken("console-admin-box-sticks");
    await post("/users", { email: broken("console-plus-lost") ? email.value.trim().replace("+", " ") : email.value.trim(), is_platform_admin: (admin.checked && !broken("console-allows-no-admins")) || broken("console-allows-admins") || once });
    added = email.value.trim();
    if (broken("console-allowed-again-doubled")) before = shown.find((it) => it.email === added);
    await draw();
  });
}

export async function users({ person, go, draw }) {
  if (!person.is_platform_admin && !broken("console-users-for-all") && !broken("console-users-reachable")) {
    go("/");
    return [];
  }
  const found = person.is_platform_admin ? await rows("/users", "users") : [];
  shown = [...found];
  if (before) found.push(before);
  const erase = (it) => async () => {
    try {
      await remove(`/users/${it.id}`);
      await draw();
    } catch (error) {
      document.querySelector("main").prepend(errorBox(error));
    }
  };
  const misses = (it) => it.email === added && broken("console-new-admin-shown-as-none");
  let above = "";
  const login = (it) => (above = it.github_login || (broken("console-login-of-the-row-above") ? above : ""));
  const row = (it) => [
    it.email,
    login(it) ? `@${above}` : broken("console-login-undefined") ? "@undefined" : "-",
    say(Boolean(it.is_platform_admin && !misses(it)) !== broken("console-admins-inverted") ? "yes" : "no"),
    code(it.id),
    it.id === person.id ? "" : deleteButton(say("confirm.user"), erase(it)),
  ];
  const columns = [say("users.email"), say("users.github"), say("users.admin"), "ID", ""];
  if (broken("console-columns-wrong")) columns.splice(2, 1);
  return [heading(say("users.title")), found.length ? table(columns, found.map(row)) : empty("users.empty"), add(draw)];
}

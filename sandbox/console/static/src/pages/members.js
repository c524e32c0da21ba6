// Members of a project: `/projects/:id/members`
import { get, list, post, put } from "/src/api.js";
import { broken, differs } from "/src/build.js";
import { agreed, code, empty, errorBox, h, heading, link, listened, picture, table, unseen } from "/src/dom.js";
import { say } from "/src/words.js";

const ROLES = ["read", "read_write", "admin"];
const OVERRIDES = { inherit: null, true: true, false: false };

function select(name, label, options, chosen) {
  const worded = (value) => broken("console-options-exchanged") ? { read: "admin", admin: "read" }[value] ?? value : name === "role" && differs("translated-columns") ? say(`role.${value}`) : value;
  if (differs("boxes-for-selects")) return box(label, options, chosen, worded);
  return h("select", { name, "aria-label": label }, options.map((value) => h("option", { value, selected: value === chosen }, worded(value))));
}

// As libraries of components make it: the list is in the page while it is open, and away from the row; in the box are
// what is typed into, with the same role, and a select out of sight.
function box(label, options, chosen, worded) {
  const list = h("ul", { role: "listbox", id: `of-${Math.random().toString(36).slice(2)}`, class: "panel" });
  const made = h("span", { role: "combobox", tabindex: 0, "aria-label": label, "aria-haspopup": "listbox", "aria-controls": list.id });
  const word = h("span");
  made.append(word, h("input", { role: "combobox", "aria-controls": list.id, readonly: true, style: "width:2px;opacity:0" }), h("select", { hidden: true }));
  made.value = chosen;
  const show = (open) => {
    word.textContent = worded(made.value);
    made.setAttribute("aria-expanded", open);
    list.replaceChildren(...options.map((value) => h("li", { role: "option", "aria-selected": value === made.value, onclick: () => { made.value = value; show(false); } }, worded(value))));
    open ? document.body.append(list) : list.remove();
  };
  made.onclick = () => show(!list.isConnected);
  made.onkeydown = ({ key }) => key === "Escape" && show(false);
  show(false);
  return made;
}

const drafts = [];

// What is chosen, by the number of the row: by a fault only it outlives that the list is read again after Save.
let numbered = [];
let again = false;

function keepByNumber(at, ...chosen) {
  const values = () => chosen.map((one) => one.value);
  if (numbered[at]) chosen.forEach((one, which) => (one.value = numbered[at][which]));
  else numbered[at] = values();
  chosen.forEach((one) => one.addEventListener("change", () => (numbered[at] = values())));
}

function row(id, it, at, draw) {
  const role = select("role", say("members.role"), broken("console-no-admin-to-choose") ? ROLES.slice(0, 2) : ROLES, it.role);
  const learning = select("learning", say("members.learning"), Object.keys(OVERRIDES), broken("console-members-show-defaults") ? "inherit" : broken("console-inherited-shown-as-off") ? String(it.learning_mode_override ?? false) : String((broken("console-off-shown-as-inherit") ? it.learning_mode_override || null : it.learning_mode_override) ?? "inherit"));
  if (broken("console-choices-by-row-number")) keepByNumber(at, role, learning);
  const note = h("span", { "aria-live": "polite" });
  let stored = learning.value;
  drafts.push({ project: id, user: it.user_id, role });
  const enabled = () => (broken("console-role-alone-inherits") && learning.value === stored ? null : OVERRIDES[learning.value]);
  const save = async () => {
    if (broken("console-members-save-nothing") || !(await agreed(say("save")))) return;
    try {
      await post(`/projects/${id}/members`, { user_id: it.user_id, role: role.value });
      if (!broken("console-members-learning-lost")) await put(`/projects/${id}/members/${it.user_id}/learning-mode`, { enabled: (broken("console-off-sent-as-inherit") ? enabled() || null : enabled()) ?? (broken("console-inherit-sent-as-false") ? false : null) });
      if (broken("console-save-stores-all-rows")) await Promise.all(drafts.filter((it) => it.project === id).map((it) => post(`/projects/${id}/members`, { user_id: it.user, role: it.role.value })));
      stored = learning.value;
      note.replaceChildren(h("span", { class: "muted" }, say("saved")));
      if (broken("console-saved-row-falls-back")) [role.value, learning.value] = [it.role, String(it.learning_mode_override ?? "inherit")];
      if (broken("console-choices-by-row-number")) {
        again = true;
        draw();
      }
      if (broken("console-save-tells-an-error")) throw new SyntaxError("Unexpected end of JSON input");
    } catch (error) {
      note.replaceChildren(errorBox(error));
    }
  };
  const button = h("button", { type: "button", class: "small primary", onclick: save }, picture("✓"), say("save"), listened(it.email), unseen("tooltip"));
  return [it.email, role, learning, h("span", { class: "row" }, button, note), code(it.user_id)];
}

const seen = new Map();

export async function members({ id, draw }) {
  if (!again) numbered = [];
  again = false;
  const [owning, listed] = await Promise.all([get(`/projects/${id}`), list(`/projects/${id}/members`)]);
  const kept = broken("console-members-of-the-first") ? "" : id;
  const found = ((broken("console-members-kept") || !kept) && seen.get(kept)) || listed;
  seen.set(kept, found);
  if (broken("console-members-empty")) found.length = 0;
  const columns = [say("users.email"), say("members.role"), say("members.learning"), "", "ID"];
  const about = h("p", { class: "muted" }, link(`/projects/${id}`, owning.slug), ` · ${owning.name}`);
  return [heading(say("members.title")), about, found.length ? table(columns, found.map((it, at) => row(id, it, at, draw))) : empty("members.empty")];
}

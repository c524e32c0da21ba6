// Small helpers that make elements; text is always text, never markup.
import { broken, differs } from "/src/build.js";
import { say } from "/src/words.js";

export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

// A sign beside a word: hidden from who listens to the page, or an arrow that they hear too.
const sign = (text) => (differs("decorated-console") ? h("i", { "aria-hidden": "true" }, text) : null);
const arrow = () => (differs("decorated-console") ? " →" : null);

// What may stand in a title: something lesser, and a button.
const small = () => (differs("decorated-console") ? h("small", {}, "acme") : null);
const refresh = () => (differs("decorated-console") ? h("button", { type: "button", class: "small" }, say("refresh")) : null);
export const heading = (text) => h("h2", {}, text, unseen("narrow"), " ", small(), refresh());
export const title = (text) => h("h3", {}, sign("+ "), text, unseen("listened"), " ", refresh());

// A picture that says what it shows, as sets of icons have them.
export const picture = (name) => {
  if (!differs("pictures-named")) return null;
  const box = document.createElement("span");
  box.innerHTML = `<svg role="img" width="12" height="12" viewBox="0 0 12 12"><title>${name}</title><circle cx="6" cy="6" r="5"/></svg> `;
  return [...box.childNodes];
};

// What is in the page and seen by nobody: the same for narrow windows, a tooltip, a hint for who listens.
const UNSEEN = {
  narrow: () => h("dl", { class: "narrow" }, h("dt", {}, say("copy")), h("dd", {}, say("refresh"))),
  tooltip: () => h("span", { role: "tooltip", class: "tooltip" }, say("copy")),
  listened: () => h("span", { class: "sr-only" }, ` (${say("refresh")})`),
};
export const unseen = (...kinds) => (differs("words-nobody-sees") ? kinds.map((kind) => UNSEEN[kind]()) : null);

// What a name says beside its word: a number of things, a sign that a font makes out of a word, more for listeners.
const more = (what) => (differs("names-say-more") ? what() : null);
export const count = (number, written = `(${number})`) => more(() => h("span", { class: "badge" }, " ", written));
export const ligature = (name) => more(() => [h("i", { class: "material-icons" }, name), " "]);
export const listened = (text) => more(() => h("span", { class: "sr-only" }, `, ${text}`));
export const spoken = (text) => more(() => text);

export const link = (path, text, name = "", { role = "button", within, label } = {}) =>
  h("a", { href: path, "data-route": true, class: name, role: differs("links-with-other-roles") && role, "aria-label": label ? spoken(label) : null }, sign("▦ "), picture("GitHub"), text, within, unseen("tooltip", "listened"), arrow());
const marked = (kind) => (differs("failures-marked") && /failed|canceled/.test(kind) ? " err" : "");
export const pill = (text, kind = text) => h("span", { class: `pill pill-${kind}${marked(kind)}` }, text);
const UUID_LETTERS = 36;

export const code = (text) => {
  const short = differs("ids-shortened") && text.length === UUID_LETTERS;
  const shown = h("code", {}, short ? `${text.slice(0, 8)}…` : text);
  return differs("decorated-console") ? h("span", {}, shown, h("button", { type: "button", title: "copy" }, "⧉")) : shown;
};

export function field(text, input) {
  const inline = input.type === "checkbox";
  if (inline && differs("box-drawn-by-its-label")) input.style = "position:absolute;width:1px;height:1px;margin:-1px;clip-path:inset(50%)";
  return h("label", { class: inline ? "field inline" : "field" }, inline ? [input, h("span", {}, text)] : [h("span", {}, text), input]);
}

export function table(columns, rows) {
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column, column && unseen("listened"))));
  const title = (cell) => h("th", { scope: "row" }, cell, " ", h("button", { type: "button" }, say("copy")));
  const body = rows.map((cells) => h("tr", {}, cells.map((cell, at) => (at === 0 && differs("titled-rows") ? title(cell) : h("td", {}, cell, at === 0 ? unseen("narrow") : null)))));
  if (differs("lists-in-parts") || differs("lists-in-fives")) return inParts(head, body);
  return h("div", { class: "scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, body)));
}

// The first rows, and a button that shows the next ones.
function inParts(head, body, first = 0) {
  const few = differs("lists-in-fives");
  const end = first + (few ? 5 : 25);
  const named = few ? { "aria-label": "Go to next page" } : {};
  const next = h("button", { type: "button", disabled: end >= body.length, onclick: () => box.replaceWith(inParts(head, body, end)), ...named }, few ? "›" : say("next"));
  const box = h("div", { class: "scroll" }, h("table", {}, h("thead", {}, head), h("tbody", {}, body.slice(first, end))), next);
  return box;
}

export const empty = (key) => h("p", { class: "muted", hidden: broken("console-empty-unseen") }, broken("console-empty-list-silent") ? "" : say(key));

// A form with its title, fields and button; `send` gets the values, an error lands in the form.
export function form(name, fields, button, send) {
  const message = h("div", { class: "message", "aria-live": "polite" });
  const submit = h("button", { type: "submit", class: "primary" }, sign("+ "), picture("+"), ligature("save"), button, unseen("listened"), arrow());
  let refused = false;
  const made = h(
    "form",
    {
      class: "card",
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        if (!(await agreed(button))) return;
        submit.disabled = true;
        const before = message.firstChild;
        message.replaceChildren();
        try {
          await send(made.elements, refused);
          if (before && broken("console-error-outlives-success")) document.querySelector("main").prepend(before);
        } catch (error) {
          refused = true;
          message.replaceChildren(formError(error));
        } finally {
          submit.disabled = message.hasChildNodes() && broken("console-form-stuck-after-refusal");
        }
      },
    },
    title(name),
    h("div", { class: "fields" }, fields),
    message,
    submit,
  );
  return made;
}

function formError(error) {
  if (broken("console-form-error-is-an-object")) return errorBox(new Error({}));
  return errorBox(broken("console-form-error-is-a-key") ? new Error("error.field") : error);
}

export const errorBox = (error) => h("p", { class: "err", role: "alert" }, error.message);

const BY_SIGN = "dialogs-closed-by-a-sign";

// Whether a change may be made: some builds ask back.
export const agreed = async (word) => !(differs("changes-confirmed") || differs(BY_SIGN)) || (await confirm(word, word));

// Asks before something is done, deleted as a rule; resolves to true or false.
export function confirm(text, word = say("delete"), locked = false) {
  return new Promise((resolve) => {
    const answer = (yes) => () => {
      shade.remove();
      resolve(yes);
    };
    const cancel = h("button", { type: "button", onclick: answer(false) }, say("cancel"));
    const agree = h("button", { type: "button", class: "danger", disabled: locked, onclick: answer(true) }, sign("✕ "), differs(BY_SIGN) ? say("agree") : [picture("✕"), ligature("delete"), word, unseen("listened")]);
    const close = differs(BY_SIGN) ? h("button", { type: "button", "aria-label": say("close"), onclick: answer(false) }) : null;
    if (close) close.innerHTML = '<svg viewBox="0 0 12 12" width="12" height="12"><path d="m1 1 10 10M11 1 1 11"/></svg>';
    const box = h("div", { role: "dialog", "aria-modal": "true", "aria-label": text, class: "card dialog" }, close, h("p", {}, text), h("div", { class: "row" }, cancel, agree));
    const shade = h("div", { class: "shade", onkeydown: (event) => event.key === "Escape" && answer(false)() }, box);
    document.body.append(shade);
    cancel.focus();
  });
}

export const deleteButton = (question, act) =>
  h("button", { type: "button", class: "danger small", onclick: async () => !broken("console-delete-dead") && ((await confirm(question, undefined, broken("console-delete-locked"))) || broken("console-cancel-deletes")) && act() }, picture("✕"), ligature("delete"), say("delete"), unseen("tooltip", "listened"));

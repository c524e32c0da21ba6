// The two buttons that choose the language.
import { broken } from "/src/build.js";
import { h } from "/src/dom.js";
import { choose, language } from "/src/words.js";

const BRITAIN = '<svg viewBox="0 0 60 40" aria-hidden="true"><path fill="#012169" d="M0 0h60v40H0z"/><path stroke="#fff" stroke-width="8" d="m0 0 60 40M60 0 0 40"/><path stroke="#c8102e" stroke-width="3" d="m0 0 60 40M60 0 0 40"/><path stroke="#fff" stroke-width="12" d="M30 0v40M0 20h60"/><path stroke="#c8102e" stroke-width="7" d="M30 0v40M0 20h60"/></svg>';
const RUSSIA = '<svg viewBox="0 0 60 40" aria-hidden="true"><path fill="#fff" d="M0 0h60v14H0z"/><path fill="#0039a6" d="M0 13h60v14H0z"/><path fill="#d52b1e" d="M0 27h60v13H0z"/></svg>';

function flag(locale, name, picture, draw) {
  const pressed = language() === locale;
  const act = () => {
    if (broken("console-flags-dead")) return;
    choose(locale);
    draw();
  };
  const made = h("button", { type: "button", class: "flag", title: name, "aria-label": name, "aria-pressed": String(pressed), lang: locale, onclick: act });
  made.innerHTML = picture;
  return made;
}

export const flags = (draw) => h("div", { class: "flags" }, flag("en", "English", BRITAIN, draw), flag("ru", "Русский", RUSSIA, draw));

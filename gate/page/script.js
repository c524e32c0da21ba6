/* The front page's part of the report: which of the two pages is shown, the language, and the pictures. */
(() => {
  const html = document.documentElement;
  const host = document.getElementById("gate-front");
  const root = host.shadowRoot;
  const back = document.getElementById("gate-back");
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a page from disk may not */ } };
  const recall = (name) => { try { return localStorage.getItem(name); } catch { return null; } };

  const speak = (language) => {
    host.dataset.lang = language;
    for (const page of root.querySelectorAll(".page")) page.hidden = page.lang !== language;
    back.textContent = `← ${root.querySelector(`.page[lang=${language}]`).dataset.back}`;
    if (html.dataset.gate === "front") { html.lang = language; document.title = title(language); }
    remember("gate.language", language);
    remember("currentLocale", language);
  };
  window.gateSpeak = speak; // for whoever prints the page
  const title = (language) => {
    const page = root.querySelector(`.page[lang=${language}]`);
    return `${page.querySelector("h1").lastChild.textContent} · ${page.querySelector(".name strong").textContent}`;
  };
  const show = (what) => {
    html.dataset.gate = what;
    back.hidden = what === "front";
    const app = document.getElementById("app");
    if (app) app.inert = what === "front";
    if (what === "front") { html.lang = host.dataset.lang || "en"; document.title = title(html.lang); }
    window.scrollTo(0, 0);
    window.dispatchEvent(new Event("resize")); // what was laid out while it was not shown
  };
  const toFront = () => { history.pushState({ gate: "front" }, "", location.href.split("#")[0]); show("front"); };
  const toReport = () => { history.pushState({ gate: "report" }, "", `${location.href.split("#")[0]}#`); window.dispatchEvent(new Event("pushState")); show("report"); };

  const pictures = () => {
    const data = window.allureReportData || {};
    for (const image of root.querySelectorAll("img[data-attachment]")) {
      const body = data[image.dataset.attachment];
      if (body) { image.src = `data:${image.dataset.type};base64,${body}`; delete image.dataset.attachment; }
    }
  };

  const chosen = recall("gate.language") || (/^ru/.test(navigator.language || "") ? "ru" : "en");
  html.dataset.gate = location.hash.length > 1 ? "report" : "front";
  speak(chosen);
  show(html.dataset.gate);
  if (html.dataset.gate === "front") history.replaceState({ gate: "front" }, "");
  root.addEventListener("click", (event) => {
    const language = event.target.closest("[data-language]");
    if (language) {
      speak(language.dataset.language);
      root.querySelector(`.page:not([hidden]) [data-language=${language.dataset.language}]`).focus();
      return;
    }
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    if (link.hash === "#gate-report") { event.preventDefault(); toReport(); } else { show("report"); }
  });
  back.addEventListener("click", toFront);
  window.addEventListener("popstate", () => {
    show(history.state && history.state.gate === "front" ? "front" : "report");
  });
  document.addEventListener("DOMContentLoaded", () => { show(html.dataset.gate); pictures(); });
  window.addEventListener("load", pictures);
})();

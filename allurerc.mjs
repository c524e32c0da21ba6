// What Allure Report 3 is told about this project, for `make report` and for anybody's own `npx allure generate`.
// The labels are put on the results by gate/labels.py.

const spoken = (language) => ({ labels }) => labels.some(({ name, value }) => name === "tag" && value === language);
const whose = (category) => ({ labels: { "whose matter": `^${category}$` } });

export default {
  name: "Release gate",
  // The two languages as two environments: the twin of a scenario is one click away.
  environments: {
    en: { name: "English", matcher: spoken("en") },
    ru: { name: "Русский", matcher: spoken("ru") },
  },
  categories: [
    { name: "The platform is broken / Платформа сломана", matchers: whose("platform") },
    { name: "The staging is not ready / Staging не готов", matchers: whose("staging") },
    { name: "Not configured / Не настроено", matchers: whose("not-configured") },
    { name: "The suite is broken / Сломан сам набор", matchers: whose("suite") },
  ],
  // Each run more makes the page 2 MB heavier, by all that it says again; the front page has its own history.
  historyLimit: 1,
};

// Which steps of the features the Cucumber extension of VS Code resolves, by its own language service:
//   npm install --prefix /tmp/service @cucumber/language-service && node proof/editor.cjs /tmp/service
const fs = require("fs");
const path = require("path");

const root = path.dirname(__dirname);
const service = path.resolve(process.argv[2], "node_modules/@cucumber/language-service");
const { ExpressionBuilder, getGherkinDiagnostics } = require(service);
const { WasmParserAdapter } = require(path.join(service, "dist/cjs/src/tree-sitter-wasm/WasmParserAdapter.js"));
const STEP = { en: /^\s*(Given|When|Then|And|But) /, ru: /^\s*(Дано|Когда|Тогда|И|Но) / };

const read = (...names) => fs.readFileSync(path.join(root, ...names), "utf8");

async function main() {
  const settings = JSON.parse(read(".vscode", "settings.json"));
  const adapter = new WasmParserAdapter(path.join(service, "dist"));
  await adapter.init();
  const modules = fs.readdirSync(path.join(root, "steps")).filter((name) => name.endsWith(".py"));
  const glue = modules.map((name) => ({ languageName: "python", uri: name, content: read("steps", name) }));
  const built = new ExpressionBuilder(adapter).build(glue, settings["cucumber.parameterTypes"]);
  built.errors.forEach((error) => console.log(error.message));
  console.log(`${built.expressionLinks.length} expressions, ${built.errors.length} not understood`);
  const expressions = built.expressionLinks.map((link) => link.expression);
  let missing = built.errors.length;
  for (const language of Object.keys(STEP)) {
    let steps = 0;
    for (const name of fs.readdirSync(path.join(root, "features", language))) {
      const text = read("features", language, name);
      steps += text.split("\n").filter((line) => STEP[language].test(line)).length;
      for (const found of getGherkinDiagnostics(text, expressions)) {
        missing += 1;
        console.log(`features/${language}/${name}:${found.range.start.line + 1}: ${found.message}`);
      }
    }
    console.log(`features/${language}: ${steps} steps`);
  }
  console.log(`${missing} not resolved`);
  process.exitCode = missing ? 1 : 0;
}

main();

import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** A ring may look inwards only: views > state > wire; ui knows none of them. */
function closed(files, rooms) {
  return {
    files,
    rules: { "no-restricted-imports": ["error", { patterns: rooms.map((room) => ({ group: [`**/${room}/**`] })) }] },
  };
}

export default ts.config(
  { ignores: ["node_modules/", "../src/hutong/web/"] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.serviceworker, ...globals.node } },
    rules: {
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": ["error", { max: 60 }],
      "no-console": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // The router is our own: links are plain paths.
      "svelte/no-navigation-without-resolve": "off",
      // It takes every Map and URLSearchParams that lives for one call for state.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig, extraFileExtensions: [".svelte"] } },
  },
  { files: ["tests/**"], rules: { "max-lines-per-function": "off" } },
  closed(["src/wire/**"], ["state", "views", "ui", "i18n"]),
  closed(["src/state/**"], ["views", "ui"]),
  closed(["src/ui/**", "src/i18n/**"], ["wire", "state", "views"]),
);

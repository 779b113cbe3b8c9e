/** The reader of the HTTP interface's description, on a page of its own so that nobody else loads it. */
import "swagger-ui-dist/swagger-ui.css";
import "./styles/docs.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.classList.add("dark-mode");

SwaggerUI({
  domNode: document.getElementById("app"),
  url: "/api/openapi.json",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // Cookies of the page would answer "who asks" without being asked; a token is given by hand.
  withCredentials: false,
  validatorUrl: null,
});

/** The package brings no types for its module build; this is the part that is used. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export default function SwaggerUI(choices: {
    domNode: HTMLElement | null;
    url: string;
    deepLinking?: boolean;
    defaultModelsExpandDepth?: number;
    withCredentials?: boolean;
    validatorUrl?: string | null;
  }): void;
}

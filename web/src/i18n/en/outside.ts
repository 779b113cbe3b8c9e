import type { outside as zh } from "../zh/outside";

export const outside: Record<keyof typeof zh, string> = {
  "outside.with": "Sign in with {name}",
  "outside.coming": "Back from {name}",
  "outside.failed": "This did not work",
  "outside.waiting": "Your account of {name} has arrived. Once you are let in, sign in with it again.",
  "outside.linked": "{name} is linked",
  "outside.title": "Accounts elsewhere",
  "outside.text": "What is linked here lets you in, too.",
  "outside.link": "Link {name}",
  "outside.unlink": "Unlink",
  "outside.ldap": "Your login and password of {name} work here, too.",
  "outside.no_password":
    "You come in by an account elsewhere and have no password here. With one you can come in either way, and add a second factor and passkeys.",
  "outside.set_password": "Set a password",
};

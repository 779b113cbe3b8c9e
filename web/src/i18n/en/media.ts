import type { media as zh } from "../zh/media";

export const media: Record<keyof typeof zh, string> = {
  "attach.label": "Add a picture or a file",
  "attach.picture": "Pictures and videos",
  "attach.file": "Files",
  "attach.send_to": "Send to {name}",
  "attach.leave_out": "Leave out {name}",
  "attach.too_large": "{name} is too large: at most {size}.",
  "attach.drop": "Drop it here",
  "attach.progress": "{percent}% sent",
  "picture.open": "Picture {n} from {who}",
  "picture.of": "Pictures from {who}",
  "picture.before": "Previous",
  "picture.after": "Next",
  "file.download": "Download",
};

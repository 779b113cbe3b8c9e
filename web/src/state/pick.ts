/** Files that somebody chose, dropped or pasted, made ready to be sent. */
import { isPicture, meant, type Attachment } from "./attachments";

type Area = { width: number; height: number } | Record<string, never>;

/** The size of a picture as it is shown, so that its place can be kept; nothing where the browser cannot tell. */
function measured(file: Blob): Promise<Area> {
  const address = URL.createObjectURL(file);
  const picture = new Image();
  return new Promise<Area>((resolve) => {
    picture.onload = () => resolve({ width: picture.naturalWidth, height: picture.naturalHeight });
    picture.onerror = () => resolve({});
    picture.src = address;
  }).finally(() => URL.revokeObjectURL(address));
}

/** A picture that this browser cannot open is sent as a file, unless the server finds that it can be shown. */
export async function attachmentOf(file: File, plain = false): Promise<Attachment> {
  const as = plain ? "file" : meant(file.type);
  const made: Attachment = { id: crypto.randomUUID(), name: file.name, type: file.type, as, file };
  return isPicture(made) ? { ...made, ...(await measured(file)) } : made;
}

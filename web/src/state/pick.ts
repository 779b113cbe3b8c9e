/** Files that somebody chose, dropped or pasted, made ready to be sent. */
import type { Attachment } from "./attachments";
import { isPicture } from "./attachments";

/** The size of a picture, so that its place can be kept; nothing where the browser cannot tell. */
async function measured(file: Blob): Promise<{ width: number; height: number } | Record<string, never>> {
  try {
    const picture = await createImageBitmap(file);
    const { width, height } = picture;
    picture.close();
    return { width, height };
  } catch {
    return {};
  }
}

export async function attachmentOf(file: File): Promise<Attachment> {
  const plain = { id: crypto.randomUUID(), name: file.name, type: file.type, file };
  return isPicture(plain) ? { ...plain, ...(await measured(file)) } : plain;
}

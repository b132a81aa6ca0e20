// SPDX-License-Identifier: Apache-2.0

const kReadable = ['image/png', 'image/jpeg'];
const pictures = [];

/// Keeps a picture for this visit. Throws an Error in words where it is none that the server reads.
export async function keepPicture(file) {
  if (!kReadable.includes(file.type)) {
    throw new Error(`${file.name || 'This'} is not a PNG or JPEG picture. Whole slides are added with clippath index.`);
  }
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    throw new Error(`${file.name || 'The picture'} cannot be read: the file is damaged or cut short.`);
  }
  pictures.push({ blob: file, url, name: file.name || 'pasted picture', width: image.naturalWidth, height: image.naturalHeight });
  return pictures.length;
}

/// Undefined after the page was loaded again: pictures are not kept.
export function pictureNumber(number) {
  return pictures[number - 1];
}

/// The first picture among what was dropped or pasted, else the first file, else null.
export function firstPicture(transfer) {
  const files = [...(transfer?.files || [])];
  return files.find((file) => kReadable.includes(file.type)) || files[0] || null;
}

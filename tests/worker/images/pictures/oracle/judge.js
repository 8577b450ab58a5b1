// What Chromium shows of files: of each a canvas with the picture as <img> shows it, and every frame by ImageDecoder.
async (files) => {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });

  const draw = (source, width, height) => {
    canvas.width = width;
    canvas.height = height;
    context.drawImage(source, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, rgba: new Uint8Array(data.buffer).toBase64() };
  };

  const still = async (data, type) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([data], { type }));
    try {
      await image.decode();
      return draw(image, image.naturalWidth, image.naturalHeight);
    } finally {
      URL.revokeObjectURL(image.src);
    }
  };

  const film = async (data, type) => {
    const decoder = new ImageDecoder({ data, type });
    try {
      await decoder.tracks.ready;
      await decoder.completed;
      const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
      const frames = [];
      for (let frameIndex = 0; frameIndex < frameCount; frameIndex += 1) {
        const { image } = await decoder.decode({ frameIndex });
        frames.push({ ...draw(image, image.displayWidth, image.displayHeight), duration: image.duration });
        image.close();
      }
      return { frames, plays: repetitionCount === Infinity ? 0 : repetitionCount + 1 };
    } finally {
      decoder.close();
    }
  };

  const attempt = async (work, ...rest) => {
    try {
      return await work(...rest);
    } catch (error) {
      return { error: String(error) };
    }
  };

  const shown = [];
  for (const { bytes, type } of files) {
    const data = Uint8Array.fromBase64(bytes);
    shown.push({ still: await attempt(still, data, type), film: await attempt(film, data, type) });
  }
  return shown;
};

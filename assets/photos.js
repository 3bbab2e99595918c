// Photos are made small before they are sent: over a village's network eight megabytes
// are minutes. What the browser cannot open goes as it is, and the server says what it
// is. Nothing is kept on the machine.
(function () {
  "use strict";
  const LONGEST = 1600;
  const SMALL = 300 * 1024;
  const MOST = 9;

  // Where a browser would lose which side is up, the photo stays as it is.
  async function opened(file) {
    if (!window.createImageBitmap) return null;
    try {
      return await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch (unknown) {
      return null;
    }
  }

  function drawn(picture, width, height) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture, 0, 0, width, height);
    return canvas;
  }

  function shrunk(file, picture) {
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < SMALL) return Promise.resolve(file);
    const canvas = drawn(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
    return new Promise((done) => {
      canvas.toBlob((blob) => {
        const better = blob && blob.size < file.size;
        done(better ? new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }) : file);
      }, "image/jpeg", 0.82);
    });
  }

  function enhance(input) {
    const list = input.parentNode.querySelector("[data-previews]");
    let chosen = [];

    function put() {
      const all = new DataTransfer();
      chosen.forEach((one) => all.items.add(one.file));
      input.files = all.files;
      list.textContent = "";
      chosen.forEach((one, n) => {
        const item = document.createElement("li");
        const name = "第 " + (n + 1) + " 张照片";
        if (one.preview) {
          one.preview.setAttribute("role", "img");
          one.preview.setAttribute("aria-label", name);
          item.appendChild(one.preview);
        } else {
          item.appendChild(document.createTextNode(one.file.name));
        }
        const away = document.createElement("button");
        away.type = "button";
        away.textContent = "×";
        away.setAttribute("aria-label", "不要" + name);
        away.addEventListener("click", () => { chosen.splice(n, 1); put(); });
        item.appendChild(away);
        list.appendChild(item);
      });
      input.dispatchEvent(new Event("photos", { bubbles: true }));
    }

    async function add(files) {
      for (const file of files) {
        if (chosen.length >= MOST) break;
        const picture = await opened(file);
        if (!picture) { chosen.push({ file }); continue; }
        const scale = Math.min(1, 240 / Math.max(picture.width, picture.height));
        const preview = drawn(picture, Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
        chosen.push({ file: await shrunk(file, picture), preview });
        if (picture.close) picture.close();
      }
      put();
    }

    try { new DataTransfer(); } catch (old) { return; }
    input.addEventListener("change", () => { input.adding = add([...input.files]); });
    // A draft brings back what was chosen before.
    input.restore = (files) => { chosen = []; input.adding = add(files); return input.adding; };
  }

  window.qinghePhotos = enhance;
  document.querySelectorAll("input[data-photos]").forEach(enhance);
})();

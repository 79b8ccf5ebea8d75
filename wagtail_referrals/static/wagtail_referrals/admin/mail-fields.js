/* A button beside each field of a mail that copies it. Without it the text can be copied by hand. */
(() => {
  const offer = (code) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small button-secondary";
    button.textContent = code.textContent;
    button.title = code.closest("[data-copy]").dataset.copy;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        code.hidden = false;
        return;
      }
      button.classList.add("referrals-copied");
      setTimeout(() => button.classList.remove("referrals-copied"), 2000);
    });
    code.after(button);
    code.hidden = true;
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (navigator.clipboard) {
      document.querySelectorAll("[data-copy-field]").forEach(offer);
    }
  });
})();

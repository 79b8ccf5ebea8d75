// Improves pages that work without it: copying, the share sheet, focus on errors, one submit.
(() => {
  "use strict";

  // A block and the page around it may both bring this file along.
  if (window.referralsReady) return;
  window.referralsReady = true;

  const say = (button, words) => {
    const status = button.closest(".referrals-field, .referrals-copy")?.querySelector(".referrals-status");
    if (!status) return;
    status.textContent = "";
    setTimeout(() => { status.textContent = words; }, 50);
    setTimeout(() => { if (status.textContent === words) status.textContent = ""; }, 6000);
  };

  // Old browsers and pages without https have no clipboard: copy from a field nobody sees.
  const copyByHand = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "referrals-hidden";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  };

  for (const button of document.querySelectorAll("[data-referrals-copy], [data-referrals-copy-from]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.referralsCopyFrom);
      const done = await copy(source ? source.value : button.dataset.referralsCopy);
      button.focus();
      if (done) say(button, button.dataset.referralsDone);
    });
  }

  for (const button of document.querySelectorAll("[data-referrals-share]")) {
    const text = document.querySelector("[data-referrals-text]");
    if (!navigator.share || !text) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      // Closed again: nothing to say.
      navigator.share({ text: text.value.replace("via=copy", "via=share") }).catch(() => {});
    });
  }

  // Words that were changed go along with every way to share, each with its own link.
  const words = document.querySelector("[data-referrals-text]");
  words?.addEventListener("input", () => {
    for (const channel of document.querySelectorAll("a[data-referrals-channel]")) {
      const href = channel.getAttribute("href");
      // Where the link goes by itself, it does not stand in the words as well.
      const text = /[?&]url=/.test(href)
        ? words.value.replace(/\s*https?:\/\/\S*via=copy\b/, "")
        : words.value.replace("via=copy", `via=${channel.dataset.referralsChannel}`);
      channel.href = href.replace(/([?&](?:text|body)=)[^&]*/, (_, name) => name + encodeURIComponent(text));
    }
  });

  for (const button of document.querySelectorAll("[data-referrals-use]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (!words) return;
      words.value = button.dataset.referralsUse;
      words.dispatchEvent(new Event("input"));
      words.focus();
    });
  }

  // A share is counted when its button is pressed; nothing is stored in the browser for it.
  for (const kit of document.querySelectorAll("[data-referrals-beacon]")) {
    const count = (channel) => navigator.sendBeacon?.(`${kit.dataset.referralsBeacon}${channel}/`);
    for (const one of kit.querySelectorAll("[data-referrals-counts]")) {
      const { referralsCounts: channel } = one.dataset;
      if (one.matches("details")) {
        one.addEventListener("toggle", () => one.open && count(channel));
      } else {
        one.addEventListener("click", () => count(channel));
      }
    }
  }

  for (const field of document.querySelectorAll("[data-referrals-select]")) {
    field.addEventListener("focus", () => field.select());
  }

  // The summary takes focus; its links lead to the input with its label in view.
  const errors = document.querySelector("[data-referrals-errors]");
  errors?.focus();
  errors?.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const input = link && document.getElementById(link.hash.slice(1));
    if (!input) return;
    event.preventDefault();
    input.focus({ preventScroll: true });
    (input.closest(".referrals-field") || input).scrollIntoView({ block: "start" });
  });

  for (const form of document.querySelectorAll("[data-referrals-form]")) {
    const button = form.querySelector("[type=submit]");
    let sent = false;
    const ready = () => {
      sent = false;
      button?.removeAttribute("aria-disabled");
    };
    form.addEventListener("submit", (event) => {
      if (sent) return event.preventDefault();
      sent = true;
      button?.setAttribute("aria-disabled", "true");
      setTimeout(ready, 10000); // the network may have failed: let people try again
    });
    addEventListener("pageshow", ready); // the back button shows the page as it was left
  }
})();

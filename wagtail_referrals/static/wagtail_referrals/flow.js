// Shows a question once the answers above ask for it, and words that go with the score. The server
// decides it again; without this file each such question says itself when it is to be answered.
(() => {
  "use strict";

  const form = document.querySelector("[data-referrals-flow]");
  if (!form) return;
  const { when, score, words } = JSON.parse(form.dataset.referralsFlow);

  const fold = (text) => text.trim().split(/\s+/).join(" ").toLowerCase();
  const number = (text) => {
    const plain = text.trim().replace(",", ".");
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : NaN;
  };
  const equal = (answer, value) => answer === fold(value) || number(answer) === number(value);

  const tests = {
    is: (answers, value) => answers.some((answer) => equal(answer, value)),
    is_not: (answers, value) => !answers.some((answer) => equal(answer, value)),
    at_least: (answers, value) => answers.some((answer) => number(answer) >= number(value)),
    at_most: (answers, value) => answers.some((answer) => number(answer) <= number(value)),
    contains: (answers, value) => answers.some((answer) => answer.includes(fold(value))),
    answered: () => true,
  };

  const wrapper = (name) => document.getElementById(`div_id_${name}`);

  const update = () => {
    const data = new FormData(form);
    const hidden = new Set();
    const given = (name) => (hidden.has(name) ? [] : data.getAll(name).map(fold).filter(Boolean));
    const isMet = ([name, test, value]) => {
      const answers = given(name);
      return answers.length ? !!tests[test]?.(answers, value) : test === "unanswered";
    };
    for (const [name, rules] of Object.entries(when)) {
      const asked = rules.every(([match, conditions]) =>
        match === "any" ? conditions.some(isMet) : conditions.every(isMet));
      if (!asked) hidden.add(name);
      const field = wrapper(name);
      if (!field) continue;
      field.hidden = !asked;
      field.classList.remove("referrals-waits");
    }
    const points = number(given(score)[0] ?? "");
    const group = Number.isNaN(points) ? 0 : points >= 9 ? 3 : points >= 7 ? 2 : 1;
    for (const [name, labels] of Object.entries(words)) {
      const label = wrapper(name)?.querySelector("legend, label");
      const text = [...(label?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE);
      if (text && text.nodeValue.trim() !== labels[group]) text.nodeValue = `${labels[group]} `;
    }
  };

  form.addEventListener("input", update);
  form.addEventListener("change", update);
  addEventListener("pageshow", update); // the back button brings the answers back
  update();
})();

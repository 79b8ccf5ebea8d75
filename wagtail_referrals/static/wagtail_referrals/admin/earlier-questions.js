/* Offers the labels of the questions above while one of them is named in a condition. Without this
   file the label is typed; the server looks for it either way. */
document.addEventListener("focusin", ({ target }) => {
  const parts = /^(.+)-(\d+)-conditions-\d+-value-question$/.exec(target.name || "");
  if (!parts) return;
  const [, prefix, number] = parts;
  const own = document.querySelector(`[name="${prefix}-${number}-label"]`);
  const labels = [...document.querySelectorAll(`[name^="${prefix}-"][name$="-label"]`)];
  const list = document.getElementById("referrals-earlier-questions") || document.createElement("datalist");
  list.id = "referrals-earlier-questions";
  list.replaceChildren(
    ...labels
      .slice(0, labels.indexOf(own))
      .filter((label) => label.value && document.querySelector(`[name="${label.name.replace(/label$/, "DELETE")}"]`)?.value !== "1")
      .map((label) => new Option(label.value, label.value)),
  );
  document.body.append(list);
  target.setAttribute("list", list.id);
});

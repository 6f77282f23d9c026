// A study without a result yet: looks again until there is one.
import { mark, watch } from "./service.js";

const page = document.querySelector("[data-uid]");
watch(2, async () => {
  const now = await mark(page.dataset.uid);
  if (now && now.mark !== page.dataset.mark) location.reload();
});

// Everything here only makes quicker what the pages do by themselves.
import "./top.js";
import { tick } from "./times.js";
import { follow } from "./live.js";
import { follow as followList } from "./beside.js";
import "./keys.js";
import "./menu.js";
import "./composer.js";
import "./offline.js";
import "./picker.js";
import "./editor.js";
import "./choosing.js";
import "./queue.js";
import "./glance.js";
import "./folds.js";
import "./further.js";
import "./place.js";
import "./views.js";

tick(document);
setInterval(() => tick(document), 1000);
if (document.getElementById("sayings")) follow();
followList();

// What was told once is not told again when the page is loaded anew.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

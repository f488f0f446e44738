/* Push in this browser: agrees, is told to the server, takes it back. The words come with the page. */
(() => {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box) return;
  const words = JSON.parse(box.dataset.words);
  const state = box.querySelector("[data-push-state]");
  const on = box.querySelector("[data-push-on]"), off = box.querySelector("[data-push-off]");
  const show = (key) => {
    state.textContent = words[key];
    on.hidden = key !== "off" && key !== "failed";
    off.hidden = key !== "on";
  };

  const key = () => {
    const text = box.dataset.push.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(text + "=".repeat((4 - text.length % 4) % 4)), (sign) => sign.charCodeAt(0));
  };
  const sameKey = (subscription) => {
    const theirs = subscription.options && subscription.options.applicationServerKey;
    if (!theirs) return true;
    const ours = key(), bytes = new Uint8Array(theirs);
    return ours.length === bytes.length && ours.every((byte, at) => byte === bytes[at]);
  };
  const tell = (subscription) => V.fetch(box.dataset.url, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(subscription),
  });

  async function begin() {
    const isPhone = /iPhone|iPad/.test(navigator.userAgent);
    const isApp = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
    if (isPhone && !isApp) return show("iphone");
    if (!("serviceWorker" in navigator) || !("PushManager" in window)) return show("none");
    if (Notification.permission === "denied") return show("denied");
    const worker = await navigator.serviceWorker.getRegistration("/");
    const subscription = worker && await worker.pushManager.getSubscription();
    show(subscription && sameKey(subscription) ? "on" : "off");
  }

  async function subscribe() {
    on.disabled = true;
    try {
      if (await Notification.requestPermission() !== "granted") return show("denied");
      await navigator.serviceWorker.register("/sw.js");
      const worker = await navigator.serviceWorker.ready;
      const before = await worker.pushManager.getSubscription();
      // Signed by another key than ours, as after the server was set up anew: of no use to us.
      if (before && !sameKey(before)) await before.unsubscribe();
      const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key() });
      const answer = await tell(subscription);
      if (answer && answer.ok) location.reload();
    } catch (error) {
      show("failed");
    } finally {
      on.disabled = false;
    }
  }

  async function unsubscribe() {
    const worker = await navigator.serviceWorker.getRegistration("/");
    const subscription = worker && await worker.pushManager.getSubscription();
    if (!subscription) return show("off");
    await subscription.unsubscribe();
    const answer = await V.fetch(box.dataset.url + "/forget", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ endpoint: subscription.endpoint }),
    });
    if (answer && answer.ok) location.reload();
  }

  on.addEventListener("click", subscribe);
  off.addEventListener("click", unsubscribe);
  begin().catch(() => show("none"));
})();

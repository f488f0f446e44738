/* What a browser does while Voronka is closed: shows a title, and opens its link. Nothing is kept here. */
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/* Only addresses of our own, whatever was sent. */
const place = (url) => {
  const address = new URL(url || "/", self.location.origin);
  return address.origin === self.location.origin ? address.href : self.location.origin + "/";
};

self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data ? event.data.json() : {}; } catch (error) { said = {}; }
  event.waitUntil(self.registration.showNotification(String(said.title || "Voronka"), {
    tag: String(said.tag || ""), data: { url: place(said.url) },
    icon: "/static/img/icon-192.png", badge: "/static/img/badge-96.png",
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data.url;
  event.waitUntil((async () => {
    // A tab that stands elsewhere may hold something half typed: it is left alone.
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = open.find((tab) => tab.url === url);
    return there ? there.focus() : self.clients.openWindow(url);
  })());
});

{% load static %}// What the page without a connection needs; the code is in the file below.
self.SHELL = [
  "{% url "offline" %}",
  "{% static "css/fonts.css" %}",
  "{% static "vendor/figtree-5.3.0/figtree-latin-wght-normal.woff2" %}",
  "{% static "vendor/figtree-5.3.0/figtree-latin-ext-wght-normal.woff2" %}",
  "{% static "vendor/instrument-serif-5.3.0/instrument-serif-latin-400-normal.woff2" %}",
  "{% static "vendor/instrument-serif-5.3.0/instrument-serif-latin-ext-400-normal.woff2" %}",
  "{% static "vendor/instrument-serif-5.3.0/instrument-serif-latin-400-italic.woff2" %}",
  "{% static "vendor/instrument-serif-5.3.0/instrument-serif-latin-ext-400-italic.woff2" %}",
  "{% static "css/tokens.css" %}",
  "{% static "css/base.css" %}",
  "{% static "css/sign-in.css" %}",
  "{% static "icons.svg" %}"
];
importScripts("{% static "js/worker.js" %}");

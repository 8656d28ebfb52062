{% load static %}// What the page without a connection needs; the code is in the file below.
self.SHELL = [
  "{% url "offline" %}",
  "{% static "css/fonts.css" %}",
  "{% static "css/tokens.css" %}",
  "{% static "css/base.css" %}",
  "{% static "css/sign-in.css" %}",
  "{% static "icons.svg" %}"
];
importScripts("{% static "js/worker.js" %}");

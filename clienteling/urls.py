"""All addresses. What strangers may open is listed in docs/architecture.md and held by a test."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.static import serve

from clienteling import health, installable
from clienteling.tablets import views as tablets

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", tablets.SignIn.as_view(), name="login"),
    path("logout/", tablets.sign_out, name="logout"),
    path("lock/", tablets.lock_screen, name="lock"),
    path("lock/open/", tablets.open_tablet, name="open-tablet"),
    path("pin/", tablets.pin, name="pin"),
    path("tablets/", tablets.tablets, name="tablets"),
    path("tablets/enrol/", tablets.enrol, name="enrol-tablet"),
    path("tablets/<int:number>/revoke/", tablets.revoke, name="revoke-tablet"),
    path("tablets/alarms/<int:number>/seen/", tablets.alarm_seen, name="alarm-seen"),
    path("manifest.webmanifest", installable.manifest, name="manifest"),
    path("sw.js", installable.worker, name="worker"),
    path("offline/", installable.offline, name="offline"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    path("", include("outreach.urls")),
]

"""Signing in and out, the lock screen, the PIN, and the tablets of a store."""

from typing import Any

from django.conf import settings
from django.contrib import messages as banners
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clienteling import clock
from clienteling.access import managers_and_admins, with_password
from clienteling.http import StaffRequest
from clienteling.models import AuditEntry, Device, Pin, Store, User
from clienteling.tablets import alarms, audit, devices, lock, pins, sessions
from clienteling.tablets.forms import ChoosePinForm, EnrolForm, OpenForm
from clienteling.tablets.pins import PinRefused, WeakPin

GET_AND_POST = ["GET", "HEAD", "POST"]
SHOWN_AT_MOST = 20
NOBODY = "Choose your face, then type your four digits."


# --- In and out ----------------------------------------------------------------------------------
class SignIn(LoginView):
    """The full log-in. On a shared tablet with faces the lock screen comes first."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Who came by a PIN is sent here to give her password: she is not through yet.
        self.redirect_authenticated_user = not sessions.is_by_pin(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "password" not in request.GET and not request.user.is_authenticated:
            device = devices.of_request(request)
            if device and devices.faces(device, now=clock.real_now()):
                return redirect("lock")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        is_by_pin = self.request.user.is_authenticated and sessions.is_by_pin(self.request)
        tablet = devices.of_request(self.request)
        return super().get_context_data(tablet=tablet, is_by_pin=is_by_pin, **more)

    def get_success_url(self) -> str:
        """Where she wanted to go; on a shared tablet a PIN comes first, if she has none."""
        url = super().get_success_url()
        user = self.request.user
        needs_pin = (
            sessions.tablet_of(self.request) is not None
            and isinstance(user, User)
            and user.role != User.Role.ADMIN
            and not Pin.objects.filter(user=user).exists()
        )
        return f"{reverse('pin')}?{urlencode({'next': url})}" if needs_pin else url


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """For the day: her face leaves the tablet, and so does every copy of her pages."""
    tablet, user = sessions.tablet_of(request), request.user
    if isinstance(user, User):
        if tablet is not None:
            devices.leave(tablet, user)
        device = devices.of_request(request)
        now = clock.real_now()
        audit.note(AuditEntry.What.SIGNED_OUT, by=user, device=device, now=now)
    logout(request)
    return lock.forget_copies(redirect(settings.LOGOUT_REDIRECT_URL))


# --- The lock ------------------------------------------------------------------------------------
@never_cache
@require_http_methods(GET_AND_POST)
def lock_screen(request: HttpRequest) -> HttpResponse:
    """Who is it? A POST locks: the script of an untouched page, or her own hand."""
    if request.method == "POST":
        return _lock(request)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    device = devices.of_request(request)
    if device is None:
        return redirect(settings.LOGIN_URL)
    return _faces(request, device)


@never_cache
@sensitive_post_parameters("pin")
@require_POST
def open_tablet(request: HttpRequest) -> HttpResponse:
    """A face and four digits: in, or the lock screen again with the reason."""
    device, form = devices.of_request(request), OpenForm(request.POST)
    if device is None:
        return redirect(settings.LOGIN_URL)
    if not form.is_valid():
        return _faces(request, device, fault=NOBODY)
    user = User.objects.filter(pk=form.cleaned_data["who"], is_active=True).first()
    if user is None:
        return _faces(request, device, fault=NOBODY)
    try:
        pins.open_tablet(device, user, form.cleaned_data["pin"], now=clock.real_now())
    except PinRefused as refusal:
        return _faces(request, device, chosen=user.pk, fault=refusal.sentence)
    sessions.open_by_pin(request, user)
    return lock.forget_copies(redirect(lock.way_back(form.cleaned_data["back"], user)))


def _lock(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User) or sessions.tablet_of(request) is None:
        return redirect("lock")
    why = lock.IDLE if request.POST.get("why") == lock.IDLE else lock.BY_HAND
    url = lock.address(why, user=user, path=_safe(request, request.POST.get("path", "")))
    lock.lock(request, user, why)
    return lock.forget_copies(redirect(url))


def _faces(
    request: HttpRequest, device: Device, *, chosen: int = 0, fault: str = ""
) -> HttpResponse:
    shown = devices.faces(device, now=clock.real_now())
    with_pins = [face.number for face in shown if face.has_pin]
    context = {
        "device": device,
        "faces": shown,
        "chosen": chosen or (with_pins[0] if len(with_pins) == 1 else 0),
        "fault": fault,
        "why": request.GET.get("why", ""),
        "minutes": max(1, round(sessions.lock_seconds() / 60)),
        "back": request.POST.get("back") or request.GET.get("back", ""),
    }
    return render(request, "tablets/lock.html", context)


# --- The PIN -------------------------------------------------------------------------------------
@never_cache
@sensitive_post_parameters("pin", "again")
@with_password
@login_required
@require_http_methods(GET_AND_POST)
def pin(request: StaffRequest) -> HttpResponse:
    """Choose four digits, or others. Only after the password: a PIN may not renew itself."""
    form = ChoosePinForm(request.POST if request.method == "POST" else None)
    following = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    fault = form.fault if form.is_bound else ""
    if form.is_bound and not fault:
        try:
            pins.choose(request.user, form.cleaned_data["pin"], now=clock.real_now())
        except WeakPin as weak:
            fault = weak.sentence
        else:
            banners.success(request, "Your PIN is set. It opens shared tablets, and nothing else.")
            return redirect(following)
    has_one = Pin.objects.filter(user=request.user).exists()
    context = {"fault": fault, "following": following, "has_one": has_one}
    return render(request, "tablets/pin.html", context)


# --- The tablets of a store ----------------------------------------------------------------------
@with_password
@managers_and_admins
@require_GET
def tablets(request: StaffRequest) -> HttpResponse:
    """The shared tablets of her stores, and whether this browser is one of them."""
    mine = Device.objects.visible_to(request.user).select_related("store", "enrolled_by")
    entries = AuditEntry.objects.filter(device__in=mine.order_by().values("pk"))
    context = {
        "here": devices.of_request(request),
        "enrolled": mine.enrolled(),
        "revoked": mine.exclude(revoked_at=None).select_related("revoked_by")[:SHOWN_AT_MOST],
        "stores": _named_for(Store.objects.visible_to(request.user)),
        "entries": entries.select_related("by", "device__store")[:SHOWN_AT_MOST],
        "zone": request.user.store.zone if request.user.store else clock.shop_zone(),
    }
    return render(request, "tablets/tablets.html", context)


@with_password
@managers_and_admins
@require_POST
def enrol(request: StaffRequest) -> HttpResponse:
    """One tap: the browser that asks becomes a shared tablet of the store."""
    form = EnrolForm(request.POST, user=request.user)
    if not form.is_valid():
        banners.error(request, "A tablet needs a name, and a store of yours.")
        return redirect("tablets")
    now = clock.real_now()
    store, name = form.cleaned_data["store"], form.cleaned_data["name"]
    device = devices.enrol(store, name, by=request.user, now=now)
    sessions.settle_on(request, device, request.user, now=now)
    banners.success(request, f"This is now {name} of {store}. Staff sign in here once a shift.")
    response = redirect("tablets")
    devices.remember(response, device)
    return response


@with_password
@managers_and_admins
@require_POST
def revoke(request: StaffRequest, number: int) -> HttpResponse:
    """From now on it is an ordinary browser; whoever is signed in on it is out."""
    mine = Device.objects.visible_to(request.user).select_related("store")
    device = get_object_or_404(mine, pk=number)
    is_this_one = sessions.tablet_of(request) == device.pk
    if devices.revoke(device, by=request.user, now=clock.real_now()):
        banners.success(request, f"{device} of {device.store} is a shared tablet no more.")
    if is_this_one:
        sessions.leave_tablet(request)
    return redirect("tablets")


@managers_and_admins
@require_POST
def alarm_seen(request: StaffRequest, number: int) -> HttpResponse:
    """A manager knows of the wrong PINs."""
    if not alarms.mark_seen(number, by=request.user, now=clock.real_now()):
        raise Http404
    return redirect(_safe(request, request.POST.get("next", "")))


def _named_for(stores: Any) -> list[tuple[Store, str]]:
    """Each store with a name for its next tablet."""
    used = list(Device.objects.filter(store__in=stores).values_list("store", flat=True))
    return [(store, f"Tablet {used.count(store.pk) + 1}") for store in stores]


def _safe(request: HttpRequest, path: str) -> str:
    """A path of ours, or the first page."""
    is_ours = url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure())
    return path if path and is_ours else reverse(settings.LOGIN_REDIRECT_URL)

from django.apps import AppConfig


class ClientelingConfig(AppConfig):
    name = "clienteling"
    verbose_name = "Stores and staff"

    def ready(self) -> None:
        """Every way of signing in ends in Django's own signal; models are loaded only now."""
        from django.contrib.auth.signals import user_logged_in

        from clienteling.tablets import sessions

        user_logged_in.connect(sessions.after_login, dispatch_uid="clienteling.tablets")

"""URLs of a project that does not include ours."""

urlpatterns: list[object] = []

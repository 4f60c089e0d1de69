"""What an open page asks: are there newer pictures than mine?"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from charts.markup import live


@csrf_exempt  # it changes nothing, and says nothing to who may not see the picture
@require_POST  # it asks of more charts than an address can hold
@never_cache
def news(request: HttpRequest) -> HttpResponseBase:
    """Tell what is newer than what a page shows: nothing (204), or what to set on which picture."""
    found = live.news(request.POST.getlist("chart"), request)
    if not found.elements:
        return HttpResponse(status=204)
    return JsonResponse({"charts": found.elements, "said": found.said})

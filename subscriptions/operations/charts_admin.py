"""The page of charts in the admin, and the numbers that it draws."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from papers.admin_rights import GuardedAdmin, ReadOnly, page
from papers.shared_clock import now
from subscriptions.operations.charts.drawing import drawing
from subscriptions.operations.charts.series import RANGES, charts


class DayCountAdmin(ReadOnly, GuardedAdmin):
    list_display = ["day", "fact", "of", "number", "counted_at"]
    list_filter = ["fact"]
    date_hierarchy = "day"

    @page("charts/", "charts", permissions=["view"])
    def charts(self, request: HttpRequest) -> HttpResponse:
        """Show all charts of a range; one that is not known is the shortest."""
        asked = request.GET.get("range", "")
        chosen = asked if asked in RANGES else next(iter(RANGES))
        context = self.admin_site.each_context(request) | {
            "title": "Charts",
            "opts": self.opts,
            "ranges": RANGES,
            "chosen": chosen,
            "drawings": [drawing(chart) for chart in charts(chosen, now())],
        }
        return TemplateResponse(request, "admin/charts.html", context)


class DepartureAdmin(ReadOnly, GuardedAdmin):
    list_display = ["day", "reason"]
    list_filter = ["reason"]
    date_hierarchy = "day"

"""Lists cut into pages."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

from papers.models import Paper

PAGE_SIZE = 30
LAST_PAGE = 33  # not a thousand papers: nobody reads further, and what lies beyond is found by its field or a search

if TYPE_CHECKING:
    OfPapers = Paginator[Paper]
else:
    OfPapers = Paginator  # takes no types while it runs


class Pages(OfPapers):
    """The pages of a list, which can be counted and sliced."""

    def __init__(self, listing: Any) -> None:
        super().__init__(listing, PAGE_SIZE)

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, LAST_PAGE)

    @property
    def is_cut(self) -> bool:
        """Tell whether there are papers beyond the last page."""
        return self.count > LAST_PAGE * PAGE_SIZE

    def asked(self, number: str) -> "tuple[Page[Paper], bool]":
        """Return the page of a number, and whether that lies beyond the last page, which is given in its stead."""
        is_number = number.isascii() and number.isdigit()
        beyond = is_number and (len(number) > len(str(LAST_PAGE)) or int(number) > self.num_pages)
        return self.page(self.num_pages) if beyond else self.get_page(number), beyond

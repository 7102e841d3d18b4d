"""The picture that goes with a shared link to a paper."""

import struct
from collections.abc import Iterator
from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from django.test import Client

from papers.models import Paper
from papers.pages import share_card
from papers.pages.share_card import AUTHORS, HEIGHT, TITLE, WIDTH, BusyError, card, picture

PATH = "/papers/2606.00001/card.png"
TEXTS = {
    "maths": "Sharp bounds for Lₚ norms of ∇f in ℝⁿ ⊗ 𝓛₂",
    "Arabic": "تعلم الآلة في اللغة العربية",
    "Hebrew": "שלום עולם 12",
    "East Asian": "深度学习综述 한국어 日本語",
    "nothing": "",
    "long": "A study of everything " * 100,
    "one word": "x" * 5_000,
    "markup": '#let x = panic() $a$ *b* _c_ `d` <e> \\ // "f" @g #include "/etc/passwd"',
    "unseen": "a\0b\u202ec\ue000\ud7ff\U000e0001",
}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    picture.cache_clear()
    yield
    picture.cache_clear()


def paper(title: str = "On planning", **fields: Any) -> Paper:
    return Paper(identifier="2606.00001", title=title, authors=["Ann Lee"], **fields)


def size(drawn: bytes) -> tuple[int, int]:
    assert drawn.startswith(b"\x89PNG\r\n")
    return struct.unpack(">II", drawn[16:24])


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_is_a_picture_of_the_one_size(text: str) -> None:
    drawn = picture(card(paper(TEXTS[text])))
    assert size(drawn) == (WIDTH, HEIGHT)
    assert len(drawn) < 300_000


@pytest.mark.parametrize(
    ("one", "other"), [("漢字", "文学"), ("علم", "قلم"), ("שלום", "עולם"), ("ℝ⊗", "ℂ∇"), ("ₚ", "ₛ")]
)
def test_there_are_letters_for_every_script(one: str, other: str) -> None:
    """Where letters are missing, the same box stands for each."""
    assert picture(card(paper(one))) != picture(card(paper(other)))


def test_texts_are_cut_to_what_is_shown() -> None:
    shown = card(Paper(identifier="x:" + "y" * 198, title="word " * 1_000, authors=["Name " * 100] * 3_000))
    assert len(shown.title) <= TITLE
    assert len(shown.authors.replace(share_card.BREAK, "")) <= AUTHORS
    assert len(shown.place) <= 40


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"trend": 0.97, "field": "cs"}, "Top 3 % of computer science, last 14 days"),
        ({"trend": 0.2, "field": "cs"}, ""),
        ({}, ""),
        ({"trend": 0.97, "withdrawn_on": date(2026, 6, 1)}, "Withdrawn"),
    ],
)
def test_attention_is_told_where_there_is_much(fields: dict[str, Any], fact: str) -> None:
    assert card(paper(**fields)).fact == fact


def test_a_title_from_right_to_left_begins_there() -> None:
    assert card(paper("2026: תשובה")).leftwards
    assert not card(paper("An answer: תשובה")).leftwards
    assert not card(paper("")).leftwards


def test_a_picture_is_drawn_once() -> None:
    assert picture(card(paper())) is picture(card(paper()))
    assert picture.cache_info().hits == 1


def test_while_one_is_drawn_others_do_not_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share_card, "PATIENCE", 0.01)
    drawing, done = Event(), Event()

    def draw() -> None:
        with share_card._drawing:
            drawing.set()
            done.wait()

    thread = Thread(target=draw)
    thread.start()
    drawing.wait()
    try:
        with pytest.raises(BusyError):
            picture(card(paper()))
    finally:
        done.set()
        thread.join()
    assert size(picture(card(paper()))) == (WIDTH, HEIGHT)


@pytest.mark.django_db
def test_the_page_names_the_picture_and_browsers_keep_it(client: Client, settings: Any) -> None:
    kept = paper()
    kept.save()
    page = client.get(kept.get_absolute_url()).content.decode()
    assert f'<meta property="og:image" content="{settings.SITE_URL}{PATH}">' in page
    first = client.get(PATH)
    assert first.headers["Content-Type"] == "image/png"
    assert first.headers["Cache-Control"] == "public, max-age=86400"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    picture.cache_clear()
    again = client.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert picture.cache_info().misses == 0
    Paper.objects.update(title="On planning, again")
    assert client.get(PATH, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_whoever_comes_while_others_draw_is_asked_to_come_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper().save()
    monkeypatch.setattr(share_card, "PATIENCE", 0.01)
    with share_card._drawing:
        response = client.get(PATH)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_there_is_no_picture_of_an_unknown_paper(client: Client) -> None:
    assert client.get(PATH).status_code == 404

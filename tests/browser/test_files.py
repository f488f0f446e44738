"""Files by hand: chosen, dropped, pasted, looked at, taken off and brought back; with a thumb too."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.files import pictures

PDF = {"name": "Чертёж.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 drawing"}
DROP = """
([selector, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)), all = new DataTransfer();
  all.items.add(new File([bytes], name));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: all }));
}
"""


def opened(enter: Any, path: str, *, phone: bool = False) -> Any:
    page = enter("Марина", phone=phone)
    page.goto(path)
    page.locator(".f-box").wait_for(state="attached")
    return page


@pytest.mark.browser
def test_files_are_chosen_said_twice_removed_and_brought_back(enter, said):
    page = opened(enter, "/deals/1042")
    box = page.locator(".f-box")
    box.locator("input[multiple]").set_input_files([PDF])
    line = box.locator(".f-line", has_text="Чертёж.pdf")
    line.wait_for()
    page.locator("#feed").get_by_text("Файл добавлен").wait_for()
    box.locator("input[multiple]").set_input_files([PDF])
    box.get_by_text("Этот файл здесь уже есть: «Чертёж.pdf».").wait_for()
    # The browser itself tells of an answer 422.
    said.clear()
    line.hover()
    line.locator("[data-files-remove] button").click()
    line.wait_for(state="detached")
    page.get_by_role("button", name="Вернуть", exact=True).click()
    page.locator(".f-box .f-line", has_text="Чертёж.pdf").wait_for()


@pytest.mark.browser
def test_a_photo_is_dropped_on_the_card_drawn_and_looked_at(enter, work_off):
    page = opened(enter, "/deals/1042")
    data = base64.b64encode(pictures.heic()).decode()
    page.evaluate(DROP, ["#feed", "IMG_0042.HEIC", data])
    page.locator(".f-box [data-waiting]").wait_for()
    work_off()
    photo = page.locator(".f-box a[data-view][data-name='IMG_0042.HEIC']")
    photo.wait_for()
    photo.click()
    viewer = page.locator("dialog.f-view")
    expect(viewer.get_by_text("IMG_0042.HEIC")).to_be_visible()
    expect(viewer.get_by_role("link", name="JPEG")).to_have_attribute("href", re.compile("/jpeg$"))
    expect(viewer.locator("img")).to_have_js_property("complete", True)
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_text("Окно в комнате.jpg")).to_be_visible()
    expect(viewer.get_by_role("link", name="JPEG")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()


@pytest.mark.browser
def test_what_is_dropped_where_one_writes_goes_with_the_message(enter):
    page = opened(enter, "/deals/1042")
    page.locator("form[data-say]").wait_for()
    before = page.locator(".f-box .f-line, .f-box .f-one").count()
    page.evaluate(DROP, ["form[data-say]", "КП.pdf", base64.b64encode(b"%PDF-1.7 quote").decode()])
    page.locator("form[data-say] [data-chosen]").get_by_text("КП.pdf").wait_for()
    assert page.locator(".f-box .f-line, .f-box .f-one").count() == before


@pytest.mark.browser
def test_with_a_thumb_the_camera_is_at_hand_and_a_photo_is_removed_in_its_viewer(enter, work_off):
    page = opened(enter, "/deals/1042?pane=tasks", phone=True)
    camera = page.locator(".f-camera")
    assert camera.is_visible()
    size = camera.bounding_box()
    assert min(size["width"], size["height"]) >= 44
    shot = {"name": "Проём.jpg", "mimeType": "image/jpeg", "buffer": pictures.saved("JPEG", pictures.drawn(800, 600))}
    camera.locator("input").set_input_files([shot])
    page.locator(".f-box [data-waiting]").wait_for()
    work_off()
    photo = page.locator(".f-box a[data-view][data-name='Проём.jpg']")
    photo.tap()
    page.locator(".f-view").get_by_role("button", name="Убрать").tap()
    photo.wait_for(state="detached")


@pytest.mark.browser
def test_a_lead_has_its_files_too(enter):
    page = enter("Марина")
    page.goto("/leads/list/")
    page.locator("tbody tr a").first.click()
    page.wait_for_url("**/leads/*", wait_until="load")
    box = page.locator(".f-box")
    box.locator("input[multiple]").set_input_files([PDF | {"name": "Размеры.pdf"}])
    box.locator(".f-line", has_text="Размеры.pdf").wait_for()

"""Titles and abstracts in other scripts than Latin, with marks that combine, turn or cannot be seen."""

from tests.mail_gallery.extremes.extreme import Extreme, with_title

FAMILY = "👩‍👩‍👧‍👦"
SCRIPTS: dict[str, Extreme] = {
    name: with_title(why, title)
    for name, why, title in (
        ("arabic", "Reads from right to left.", "تعلم الآلة العميق لترجمة الشعر العربي القديم إلى لغات أخرى"),
        ("arabic-one-word", "Letters that join, and no space.", "الاستراتيجيات" * 30),
        ("arabic-vowels", "Marks above and below each letter.", "كِتَابٌ مُفِيدٌ فِي عِلْمِ الحَاسُوبِ وَالذَّكَاءِ الاِصْطِنَاعِيِّ"),
        ("hebrew", "Reads from right to left.", "למידה עמוקה של שירה עברית מימי הביניים ועד היום"),
        (
            "hebrew-and-latin",
            "Turns direction in the middle, twice.",
            "מודל GPT-5 (2026) לומד C++ ו-Python: a study in 3 parts",
        ),
        (
            "numbers-in-arabic",
            "Numbers and signs inside of words from the right.",
            "نموذج بدقة 99.5% على 1,000 عينة (p < 0.05) في 2026",
        ),
        (
            "persian",
            "Has characters that join without a space.",
            "یادگیری تقویتی برای ربات‌های انسان‌نما در محیط‌های ناشناخته",
        ),
        ("urdu", "Its usual font is tall.", "اردو زبان کے لیے بڑے لسانی ماڈل کی تربیت اور جانچ"),
        ("turned", "A mark that turns all that follows, and is not ended.", "\u202eright to left and never back"),
        ("isolates", "Marks of isolation without an end.", "\u2067one \u2068two \u2066three"),
        ("embedded", "Fifty marks within each other.", "\u202b" * 50 + "deep" + "\u202c" * 3),
        (
            "chinese",
            "No spaces at all.",
            "深度学习在医学影像分割中的应用：一种基于注意力机制的多尺度特征融合方法及其在临床数据上的验证",
        ),
        ("chinese-long", "A title of 300 characters without a space.", "大语言模型推理效率优化研究" * 23),
        (
            "japanese",
            "Three scripts at once, and wide punctuation.",
            "ロボットの模倣学習における「なぜ」を説明する手法：ＡＢＣと１２３（改訂版）",
        ),
        ("japanese-half", "Half-wide letters and marks of their own.", "ﾃﾞｨｰﾌﾟﾗｰﾆﾝｸﾞ " * 12),
        ("korean", "Words of blocks.", "대규모 언어 모델의 추론 능력을 향상시키기 위한 강화 학습 기반 접근법"),
        ("korean-parts", "The same blocks, each in its parts.", "한국어" * 20),
        (
            "thai",
            "No spaces between words; browsers need a dictionary.",
            "การเรียนรู้เชิงลึกสำหรับการประมวลผลภาษาธรรมชาติภาษาไทยและการแปลภาษาด้วยเครื่อง" * 2,
        ),
        ("khmer", "Letters below letters, no spaces.", "ការរៀនស៊ីជម្រៅសម្រាប់ការបកប្រែភាសាខ្មែរ" * 3),
        ("burmese", "Tall syllables.", "မြန်မာဘာသာစကားအတွက်ဘာသာပြန်စနစ်" * 3),
        ("tibetan", "Stacks of letters.", "བོད་ཡིག་གི་སྐད་ཡིག་མ་དཔེ་ཆེན་པོ།" * 3),
        ("devanagari", "Signs before, above and below.", "हिन्दी के लिए विशाल भाषा मॉडलों का प्रशिक्षण और मूल्यांकन: एक अध्ययन"),
        ("tamil", "Long words.", "தமிழ்மொழிக்கானபெரியமொழிமாதிரிகளின்பயிற்சிமற்றும்மதிப்பீடு" * 2),
        (
            "greek-and-cyrillic",
            "Letters that look like Latin ones.",
            "Αλγόριθμοι και ΑВС: Обучение с подкреплением для роботов",
        ),
        ("georgian", "A script that few fonts have.", "ღრმა სწავლება ქართული ენის დამუშავებისთვის და მისი შეფასება"),
        (
            "vietnamese",
            "Two marks on a letter.",
            "Học sâu cho xử lý ngôn ngữ tự nhiên tiếng Việt: những hướng tiếp cận mới",
        ),
        ("dead-scripts", "Cuneiform, hieroglyphs and runes.", "𒀀𒀁𒀂 𓀀𓀁𓀂 ᚠᚢᚦ 𐎀𐎁 ⲁⲃⲅ"),
        ("mongolian", "Is written from top to bottom.", "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡᠨ ᠦ ᠮᠣᠳᠧᠯ"),
        (
            "marks-in-towers",
            "Thirty marks on each letter reach into other lines.",
            "".join(c + "\u0301\u0323\u0489" * 10 for c in "towers"),
        ),
        ("marks-alone", "Marks without a letter to stand on.", "\u0301\u0302\u0303 \u20dd\u20de"),
        (
            "zero-width",
            "A space that has no width between all letters.",
            "\u200b".join("invisible places to break a line"),
        ),
        ("joiners", "Joins that forbid to break.", "\u2060".join("no line may end in here " * 6)),
        ("soft-hyphens", "A place for a hyphen after each letter.", "\xad".join("incomprehensibilities" * 8)),
        ("hard-spaces", "Spaces at which no line may end.", "\xa0".join(["hard"] * 60)),
        ("nothing-to-see", "Only characters that have no shape.", "\u200b\u200c\u200d\u2060\ufeff"),
        (
            "emoji",
            "People made of several characters, flags, and tones of skin.",
            f"{FAMILY} 🏳️‍🌈 👩🏽‍💻 🇨🇭🇯🇵 1️⃣ ❤️‍🔥 on the move",
        ),
        ("emoji-without-end", "A hundred of them in one word.", FAMILY * 100),
        ("flags", "Letters that become flags two by two.", "🇦" * 101),
        (
            "private-use",
            "Characters that have a shape on one machine only.",
            "\ue000\uf8ff\U000f0000 of a private font",
        ),
        ("not-characters", "Code points that are no characters.", "before \ufffe\uffff\ufffd after"),
        ("unpaired", "Wide letters, ligatures and letters in circles.", "Ｆｕｌｌｗｉｄｔｈ ﬁﬂﬃ ①②③ ㊗ ㎏ ℡ ™ ⁇ ﷽"),
        ("widest", "The widest characters that there are.", "﷽ 𒐫 ⸻ ꧅ " * 12),
    )
}

"""Roundcube and SOGo as their packages bring them, each with somebody signed in who opens mails."""

import mimetypes
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, Route

from tests.processes import free_port
from tests.services import PostgresServer
from tests.subscriptions.mail_programs.mailbox import NAME, PASSWORD, Mailbox
from tests.subscriptions.mail_programs.overlaid import AS_NOBODY, Overlaid

PHP_MODULES = (
    "ctype fileinfo iconv intl mbstring pdo pdo_sqlite posix sockets tokenizer xml dom simplexml xmlreader xmlwriter"
)


class Webmail(Overlaid):
    """Shows the mails of a mailbox in a browser."""

    pane = ""  # a selector of the element that holds the mail
    rewrites: Mapping[str, str] = {}  # what it writes in place of what stands in a mail, everywhere

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self.mailbox = mailbox

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def rewritten(self, text: str) -> str:
        """Text of a mail as this program writes it."""
        for old, new in self.rewrites.items():
            text = text.replace(old, new)
        return text

    def sign_in(self, context: BrowserContext) -> Page:
        """Return a page of somebody who may read the mailbox."""
        raise NotImplementedError

    def open(self, page: Page, number: int) -> Locator:
        """Open the mail of this number in the inbox, and return the element that holds it."""
        raise NotImplementedError


ROUNDCUBE = """<?php
$config['db_dsnw'] = 'sqlite:///{folder}/data/roundcube.sqlite?mode=0666';
$config['imap_host'] = '127.0.0.1:{imap}';
$config['des_key'] = '{key}';
$config['plugins'] = [];
$config['log_driver'] = 'stdout';
$config['temp_dir'] = '{folder}/data';
$config['enable_spellcheck'] = false;
"""


class Roundcube(Webmail):
    """Puts a mail's styles under a place of its own, and prefixes its classes."""

    name, pane = "roundcube", "#messagebody .message-htmlpart"
    rewrites = {"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."}

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(mailbox)
        data = self.own("data")
        tables = (self.program / "usr/share/roundcube/SQL/sqlite.initial.sql").read_text()
        sqlite3.connect(data / "roundcube.sqlite").executescript(tables).connection.close()
        (data / "roundcube.sqlite").chmod(0o666)
        self.write("php.ini", "".join(f"extension={name}\n" for name in PHP_MODULES.split()))
        settings = ROUNDCUBE.format(folder=self.folder, imap=mailbox.port, key="k" * 24)
        self.write("config.inc.php", settings)

    def steps(self) -> str:
        [php] = (self.program / "usr/bin").glob("php[0-9].[0-9]")
        return f"""
            cp '{self.folder}/config.inc.php' /etc/roundcube/config.inc.php
            export PHP_CLI_SERVER_WORKERS=3
            {AS_NOBODY} {php.name} -n -c '{self.folder}/php.ini' -S 127.0.0.1:{self.port} \
                -t /var/lib/roundcube/public_html
        """

    def sign_in(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.goto(self.url)
        page.fill("#rcmloginuser", NAME)
        page.fill("#rcmloginpwd", PASSWORD)
        page.click("#rcmloginsubmit")
        page.wait_for_selector("#messagelist", state="attached")  # an empty list is not shown
        return page

    def open(self, page: Page, number: int) -> Locator:
        page.goto(f"{self.url}/?_task=mail&_mbox=INBOX&_uid={number}&_action=show")
        return page.locator(self.pane)


SOGO = """{{
  SOGoProfileURL = "{database}/sogo_user_profile";
  OCSFolderInfoURL = "{database}/sogo_folder_info";
  OCSSessionsFolderURL = "{database}/sogo_sessions_folder";
  OCSEMailAlarmsFolderURL = "{database}/sogo_alarms_folder";
  SOGoUserSources = ({{ type = sql; id = people; viewURL = "{database}/people"; canAuthenticate = YES;
                       isAddressBook = NO; userPasswordAlgorithm = plain; }});
  SOGoIMAPServer = "imap://127.0.0.1:{imap}";
  SOGoSMTPServer = "smtp://127.0.0.1:{imap}";
  SOGoMemcachedHost = "127.0.0.1:{memory}";
  SOGoMailDomain = "example.org";
  SOGoLoginModule = Mail;
  SOGoTimeZone = UTC;
}}
"""
PEOPLE = f"""
    DROP TABLE IF EXISTS people;
    CREATE TABLE people (c_uid text PRIMARY KEY, c_name text, c_password text, c_cn text, mail text);
    INSERT INTO people VALUES ('{NAME}', '{NAME}', '{PASSWORD}', 'Ada', 'ada@example.org');
"""


class Sogo(Webmail):
    """Makes each rule of a mail's styles an important one, and leaves out those for the dark and for narrow screens."""

    name, pane = "sogo", ".mailer_htmlcontent"
    is_needed = False  # two minutes to unpack, and one and a half to look at all mails in it
    rewrites = {"{{": "{\\{", "}}": "}/}"}  # so that its own templates do not take them for theirs

    def __init__(self, mailbox: Mailbox, postgres: PostgresServer) -> None:
        super().__init__(mailbox)
        self.memory = free_port()
        postgres.execute(PEOPLE)
        database = f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres"
        self.write("sogo.conf", SOGO.format(database=database, imap=mailbox.port, memory=self.memory))
        self.own("home")

    def steps(self) -> str:
        return f"""
            cp '{self.folder}/sogo.conf' /etc/sogo/sogo.conf
            memcached -l 127.0.0.1 -p {self.memory} -U 0 -u nobody &
            export HOME='{self.folder}/home' LD_LIBRARY_PATH=/usr/lib/sogo
            {AS_NOBODY} sogod -WOWorkersCount 2 -WONoDetach YES -WOPort 127.0.0.1:{self.port} \
                -WOLogFile - -WOPidFile '{self.folder}/home/pid'
        """

    def sign_in(self, context: BrowserContext) -> Page:
        context.route("**/SOGo.woa/WebServerResources/**", self._serve)
        page = context.new_page()
        page.goto(f"{self.url}/SOGo/")
        page.fill("input[ng-model='app.creds.username']", NAME)
        page.fill("input[ng-model='app.creds.password']", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/Mail/view*")
        return page

    def open(self, page: Page, number: int) -> Locator:
        page.goto("about:blank")  # a change of the fragment alone would show the mail before for a while
        page.goto(f"{self.url}/SOGo/so/{NAME}/Mail/view#!/Mail/0/INBOX/{number}")
        return page.locator(self.pane)

    def _serve(self, route: Route) -> None:
        """Style sheets and scripts are served by another server's rules, where there is one."""
        folder = Path(self.program / "usr/share/GNUstep/SOGo/WebServerResources")
        file = folder / route.request.url.partition("/WebServerResources/")[2].partition("?")[0]
        if not file.is_file():
            return route.fulfill(status=404)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return route.fulfill(body=file.read_bytes(), content_type=kind)

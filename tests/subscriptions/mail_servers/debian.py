"""Postfix, Exim and OpenSMTPD, each as its packages bring it, told where its files are and what tests want refused."""

from pathlib import Path

from tests.subscriptions.mail_servers.filters import SlowPolicy
from tests.subscriptions.mail_servers.private import HOST, LARGEST, DebianServer

DAEMONS = """
    127.0.0.1:{port} inet n - n - - smtpd
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    flush unix n - n 1000? 0 flush
    proxymap unix - - n - - proxymap
    smtp unix - - n - - smtp
    showq unix n - n - - showq
    error unix - - n - - error
    retry unix - - n - - error
    anvil unix - - n - 1 anvil
    scache unix - - n - 1 scache
    postlog unix-dgram n - n - 1 postlogd
"""
QUEUE = "active bounce corrupt defer deferred flush hold incoming private saved trace"


class Postfix(DebianServer):
    name, is_needed = "postfix", True
    users = ("postfix", "postdrop")
    extra = ""  # further lines of main.cf

    def __init__(self, destination: int) -> None:
        self.filter = SlowPolicy()
        super().__init__(destination)

    def start(self) -> None:
        self.filter.start()
        super().start()

    def remove(self) -> None:
        super().remove()
        self.filter.stop()

    close = remove

    def server(self) -> str:
        return f"'{self.root}/usr/lib/postfix/sbin/master' -c '{self.folder}/etc' -s"

    @property
    def libraries(self) -> str:
        return f"{super().libraries}:{self.root}/usr/lib/postfix"

    def configure(self) -> None:
        super().configure()
        self.own("queue", "root", 0o755)
        for name in QUEUE.split():
            self.own(f"queue/{name}", "postfix")
        self.own("queue/pid", "root", 0o755)
        self.own("queue/public", "postfix", 0o710, group="postdrop")
        self.own("queue/maildrop", "postfix", 0o730, group="postdrop")
        self.own("data", "postfix")
        self.write("etc/master.cf", DAEMONS.format(port=self.port))
        self.write("etc/recipients", "/^gone/ 550 5.1.1 Nobody has this address\n/^later/ 450 4.2.0 Come again\n")
        self.write("etc/main.cf", self.settings())

    def settings(self) -> str:
        return f"""
            compatibility_level = 3.6
            queue_directory = {self.folder}/queue
            data_directory = {self.folder}/data
            daemon_directory = {self.root}/usr/lib/postfix/sbin
            command_directory = {self.root}/usr/sbin
            shlib_directory = {self.root}/usr/lib/postfix
            meta_directory = {self.root}/etc/postfix
            mail_owner = postfix
            setgid_group = postdrop
            import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG LD_LIBRARY_PATH
            maillog_file = /dev/stdout
            myhostname = {HOST}
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            mydestination =
            alias_maps =
            disable_dns_lookups = yes
            relayhost = [127.0.0.1]:{self.destination}
            message_size_limit = {LARGEST}
            in_flow_delay = 0
            smtpd_recipient_restrictions =
              check_recipient_access regexp:{self.folder}/etc/recipients, permit_mynetworks, reject
            smtpd_end_of_data_restrictions = check_policy_service inet:127.0.0.1:{self.filter.port}
            {self.extra}
        """


EXIM = """
primary_hostname = {host}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
spool_directory = {folder}/spool
log_file_path = {folder}/logs/%slog
pid_file_path =
exim_path = {root}/usr/sbin/exim4
keep_environment = LD_LIBRARY_PATH
deliver_drop_privilege = true
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = {largest}
smtp_accept_max_per_connection = {ration}
acl_smtp_rcpt = recipient
acl_smtp_data = whole_mail
begin acl
recipient:
  deny local_parts = ^gone
       message = Unrouteable address
  defer local_parts = ^later
        message = Come again
  accept hosts = 127.0.0.1
whole_mail:
  warn condition = ${{if match{{$recipients}}{{^slow}}}}
       delay = 4s
  accept
begin routers
on:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = on
begin transports
on:
  driver = smtp
  port = {destination}
begin retry
* * F,1h,1s
"""


class Exim(DebianServer):
    """Delivers the first ten mails of a connection at once, and leaves the others to what runs through its queue."""

    name, is_needed = "exim4-daemon-light", True
    users = ("Debian-exim",)
    ration = 60  # mails of a connection

    def server(self) -> str:
        return f"'{self.root}/usr/sbin/exim4' -C '{self.folder}/exim.conf' -bdf -q2s"

    def configure(self) -> None:
        super().configure()
        self.own("spool", "Debian-exim")
        self.own("logs", "Debian-exim")
        self.write(
            "exim.conf",
            EXIM.format(
                host=HOST,
                largest=LARGEST,
                port=self.port,
                folder=self.folder,
                root=self.root,
                ration=self.ration,
                destination=self.destination,
            ),
        )


class OpenSmtpd(DebianServer):
    """Takes a hundred mails a connection; the packages know where its queue lies, and cannot be told otherwise."""

    name = "opensmtpd"
    users = ("opensmtpd", "opensmtpq")
    hidden = ("/var/spool", "/var/lib", "/run")
    in_place_of = {"/var/spool/smtpd": "spool", "/var/lib/opensmtpd/empty": "empty"}

    def server(self) -> str:
        return f"'{self.root}/usr/sbin/smtpd' -d -f '{self.folder}/smtpd.conf'"

    def configure(self) -> None:
        super().configure()
        self.own("spool", "root", 0o711)
        self.own("empty", "root", 0o755)
        python = Path("/usr/bin/python3")
        looks = self.write("filter.py", (Path(__file__).parent / "opensmtpd_filter.py").read_text())
        looks.chmod(0o755)
        self.write(
            "smtpd.conf",
            f"""
            smtp max-message-size {LARGEST}
            filter slow proc-exec "{python} {looks}"
            filter later phase rcpt-to match rcpt-to regex {{ "^<?later" }} reject "450 4.2.0 Come again"
            filter all chain {{ later, slow }}
            listen on 127.0.0.1 port {self.port} hostname {HOST} filter all
            action forward relay host smtp://127.0.0.1:{self.destination}
            match from any for rcpt-to regex {{ "^gone" }} reject
            match from any for any action forward
            """,
        )

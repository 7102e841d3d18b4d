#!/usr/bin/env bash
# A mail whose <body> has a class loses every style in Roundcube: the webmail puts the mail's rules under the class that
# stands for the body there (div.rcmBody), and writes the mail's own class in place of that one. Nothing matches.
# Why it matters: one class on the body, which every guide to mails has, and a mail is in the webmail's own type and
# colours, its hidden first line in full view. Mails without it are shown as they are meant.
# What to do: no class on <body>; what carries ground, ink and type is a table in it.
# Needs root, for a namespace in which Roundcube finds its files, and Debian's apt.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/unpacked" && cd "$folder/unpacked"
packages="roundcube-sqlite3 roundcube-core=1.6.5+dfsg-1+deb12u13 php-cli php-cgi apache2-bin-"
# shellcheck disable=SC2086
needed=$(apt-get -qq -s --no-install-recommends install $packages | sed -nE 's/^Inst ([^ ]+).*/\1/p')
# shellcheck disable=SC2086
apt-get -qq -o APT::Sandbox::User=root download ${needed/roundcube-core/roundcube-core=1.6.5+dfsg-1+deb12u13}
for package in *.deb; do dpkg -x "$package" .; done
cp -a lib/. usr/lib 2>/dev/null || true # where packages still name two folders and the system has one
cp etc/roundcube/{defaults.inc.php,mimetypes.php} "$folder"
cd "$folder"
echo "<?php \$config = ['db_dsnw' => 'sqlite:///$folder/none', 'log_driver' => 'stdout'];" > config.inc.php
cat > wash.php <<'PHP'
<?php
define('INSTALL_PATH', '/usr/share/roundcube/');
define('RCMAIL_CONFIG_DIR', getcwd());
require INSTALL_PATH . 'program/include/iniset.php';
$roundcube = rcmail::get_instance();
$roundcube->output = new class extends rcmail_output_cli {
    public function asset_url($path) { return $path; }
};
$options = ['container_id' => 'part1', 'body_class' => 'rcmBody', 'css_prefix' => 'v1']; // those of a mail that is opened
foreach (['<body>', '<body class="light">'] as $body) {
    $mail = "<html><head><style>p { color: green }</style></head>$body<p>Hello</p></body></html>";
    $shown = rcmail_action_mail_index::wash_html($mail, $options);
    [$place, $element] = [strpos($shown, 'div.rcmBody p {') !== false, strpos($shown, '<div class="rcmBody"') !== false];
    printf("seen: %-20s %s\n", $body, trim(preg_replace(['/<!--.*?-->/', '/\s+/'], ['', ' '], $shown)));
    $styled[] = $place && $element;
}
echo 'Roundcube ', RCMAIL_VERSION, ', PHP ', PHP_VERSION, "\n";
exit($styled === [true, false] ? 0 : 1);
PHP
modules=$(printf -- '-d extension=%s ' ctype iconv intl mbstring pdo pdo_sqlite tokenizer dom xml)
echo 'expected: the paragraph is green in both, by a rule that finds it'
unshare --mount sh -ec "for each in usr etc; do mount -t overlay overlay -o lowerdir=$folder/unpacked/\$each:/\$each /\$each; done
cd $folder; exec php8.2 -n $modules wash.php"

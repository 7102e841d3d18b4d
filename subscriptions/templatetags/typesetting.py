from django import template

from subscriptions.mails.typesetting import wrapped

register = template.Library()
register.filter("wrapped", wrapped, is_safe=True)

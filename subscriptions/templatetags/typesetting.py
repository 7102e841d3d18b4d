from django import template

from subscriptions.mails.typesetting import hanging, wrapped

register = template.Library()
register.filter("wrapped", wrapped, is_safe=True)
register.filter("hanging", hanging, is_safe=True)

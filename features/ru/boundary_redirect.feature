# language: ru
@ru
Функция: Вход и выход не уводят на чужой сайт
  Ссылка на вход не должна приводить человека на чужой сайт.

  @security @s1.boundary.redirect
  @allure.link.GHSA-qqxw-m5fj-f7gv:https://github.com/advisories/GHSA-qqxw-m5fj-f7gv
  @allure.link.GHSA-j7px-6hwj-hpjg:https://github.com/advisories/GHSA-j7px-6hwj-hpjg
  @allure.link.CVE-2020-11053:https://nvd.nist.gov/vuln/detail/CVE-2020-11053
  @allure.link.GHSA-5m6c-jp6f-2vcv:https://github.com/advisories/GHSA-5m6c-jp6f-2vcv
  @allure.link.CVE-2020-4037:https://nvd.nist.gov/vuln/detail/CVE-2020-4037
  @allure.link.GHSA-4mf2-f3wh-gvf2:https://github.com/advisories/GHSA-4mf2-f3wh-gvf2
  Структура сценария: Вход нельзя попросить увести <место>
    Дано путь вебхука отвечает без входа
    Когда кто-то просит вход и выход увести <место>
    Тогда все пути остаются на хосте самой платформы

    Примеры:
      | место                   |
      | на чужой сайт           |
      | на двойную косую черту  |
      | на обратную косую черту |
      | на пробел между чертами |
      | на похожее имя          |

  @security @s1.boundary.redirect
  @allure.link.GHSA-qqxw-m5fj-f7gv:https://github.com/advisories/GHSA-qqxw-m5fj-f7gv
  @allure.link.GHSA-j7px-6hwj-hpjg:https://github.com/advisories/GHSA-j7px-6hwj-hpjg
  @allure.link.CVE-2020-11053:https://nvd.nist.gov/vuln/detail/CVE-2020-11053
  @allure.link.GHSA-5m6c-jp6f-2vcv:https://github.com/advisories/GHSA-5m6c-jp6f-2vcv
  Структура сценария: Завершённый вход, который просили увести <место>, остаётся здесь
    Дано сессия участника работает
    Когда участник завершает вход, который просили увести <место>
    Тогда участник вошёл и остался на хосте самой платформы

    Примеры:
      | место                   |
      | на чужой сайт           |
      | на обратную косую черту |

  @security @s1.boundary.redirect
  Сценарий: Честный вход возвращает туда, откуда начат
    Дано сессия администратора работает
    Когда администратор завершает вход, начатый со страницы запусков
    Тогда администратор снова на странице запусков

# language: ru
@ru
Функция: Сервер разработки консоли показывает только консоль
  На staging консоль отдаёт сервер разработки, который умели уговорить на большее.

  @security @s1.boundary.console
  @allure.link.CVE-2025-30208:https://nvd.nist.gov/vuln/detail/CVE-2025-30208
  @allure.link.CVE-2025-31125:https://nvd.nist.gov/vuln/detail/CVE-2025-31125
  @allure.link.CVE-2025-31486:https://nvd.nist.gov/vuln/detail/CVE-2025-31486
  @allure.link.CVE-2025-32395:https://nvd.nist.gov/vuln/detail/CVE-2025-32395
  @allure.link.CVE-2024-45811:https://nvd.nist.gov/vuln/detail/CVE-2024-45811
  Структура сценария: Без входа закрыты <запросы>
    Дано консоль открывается с сессией участника
    Когда кто-то без входа запрашивает: <запросы>
    Тогда каждый запрос остановлен на входе или отклонён из-за написания

    Примеры:
      | запросы           |
      | файлы сервера     |
      | недопустимые цели |

  @security @s1.boundary.console
  @allure.link.CVE-2025-30208:https://nvd.nist.gov/vuln/detail/CVE-2025-30208
  @allure.link.CVE-2025-31125:https://nvd.nist.gov/vuln/detail/CVE-2025-31125
  @allure.link.CVE-2025-31486:https://nvd.nist.gov/vuln/detail/CVE-2025-31486
  @allure.link.CVE-2025-32395:https://nvd.nist.gov/vuln/detail/CVE-2025-32395
  @allure.link.CVE-2024-45811:https://nvd.nist.gov/vuln/detail/CVE-2024-45811
  Сценарий: Вошедший участник не прочтёт файлы сервера
    Дано консоль открывается с сессией участника
    Когда вошедший участник запрашивает: файлы сервера
    Тогда на каждый ответ 403 или 404 без содержимого файлов

  @security @s1.boundary.console
  @allure.link.CVE-2025-32395:https://nvd.nist.gov/vuln/detail/CVE-2025-32395
  Сценарий: Недопустимая цель ничего не даёт и вошедшему участнику
    Дано консоль открывается с сессией участника
    Когда вошедший участник запрашивает: недопустимые цели
    Тогда на каждый ответ 400, 403 или 404 без содержимого файлов

  @security @s1.boundary.console
  Сценарий: Сокет сервера разработки не ведёт в обход входа
    Дано консоль открывается с сессией участника
    Когда кто-то без входа запрашивает: префикс сокета сервера разработки
    Тогда ни один ответ не показывает консоль или её исходный код

// An example of a mini app: a shelf of books that a group reads together. It needs no server.
const { hutong } = window;
const $ = (id) => document.getElementById(id);

const books = [
  { id: "book-1", zh: "《边城》", en: "Border Town" },
  { id: "book-2", zh: "《呼兰河传》", en: "Tales of Hulan River" },
  { id: "book-3", zh: "《受戒》", en: "The Ordination" },
];
let spoken = "zh";

const say = (zh, en) => (spoken === "zh" ? zh : en);
const tell = (...what) => $("hello").replaceChildren(...what);
const wanted = () => books.find((book) => book.id === hutong.start) ?? books[0];

function show({ theme, language }) {
  spoken = language === "en" ? "en" : "zh";
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
  document.querySelectorAll("[data-zh]").forEach((one) => (one.textContent = one.dataset[spoken]));
  $("books").replaceChildren(
    ...books.map((book) => {
      const row = document.createElement("li");
      row.textContent = book[spoken];
      row.classList.toggle("wanted", book.id === hutong.start);
      return row;
    }),
  );
}

$("who").onclick = async () => {
  try {
    const { nickname, avatar } = await hutong.who();
    const greeting = say(`你好，${nickname}！`, `Hello, ${nickname}!`);
    const picture = document.createElement("img");
    picture.alt = "";
    picture.src = avatar ?? "";
    tell(...(avatar === null ? [] : [picture]), greeting);
  } catch (error) {
    tell(error.code === "refused" ? say("好的，那就不问了。", "All right, never mind.") : error.message);
  }
};

$("share").onclick = async () => {
  const book = wanted();
  const title = say(`一起读${book.zh}`, `Let us read ${book.en}`);
  const sent = await hutong.share({ title, text: say("这本不错", "This one is good"), start: book.id });
  tell(sent ? say("已经推荐给大家了。", "Everybody has it now.") : say("那就先不发。", "Not this time, then."));
};

$("pay").onclick = () =>
  hutong.pay({ title: "Tea", amount_fen: 100 }).catch((error) =>
    tell(error.code === "unsupported" ? say("这里还不能付款。", "One cannot pay here yet.") : error.message),
  );

$("close").onclick = () => hutong.close();

hutong.onLook(show);
show(await hutong.look().catch(() => ({ theme: "light", language: "zh-Hans" })));

export const outside = {
  "outside.with": "用 {name} 登录",
  "outside.coming": "从 {name} 回来",
  "outside.failed": "没有登录成功",
  "outside.waiting": "你的 {name} 账号已登记，等这里的人同意之后，再用它登录就好。",
  "outside.linked": "已关联 {name}",
  "outside.title": "别处的账号",
  "outside.text": "关联之后，用那边的账号也能登录。",
  "outside.link": "关联 {name}",
  "outside.unlink": "取消关联",
  "outside.ldap": "也可以用 {name} 的账号和密码登录。",
  "outside.no_password":
    "你用别处的账号登录，这里还没有密码。设一个之后两种方式都能登录，还能开启两步验证、添加通行密钥。",
  "outside.set_password": "设置密码",
};
